from support.plugin_engine import Engine


def test_a_symmetric_key_decrypts_what_it_encrypted(engine: Engine) -> None:
    kms = engine.client("kms")
    key = kms.create_key()["KeyMetadata"]
    encrypted = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret")["CiphertextBlob"]
    assert encrypted != b"secret"
    assert kms.decrypt(CiphertextBlob=encrypted)["Plaintext"] == b"secret"
    assert len(key["CurrentKeyMaterialId"]) == 64
