"""S3: events in order, objects in the engine's own folder."""

import json
import uuid
from pathlib import Path

from support.plugin_engine import Engine


def test_each_event_has_a_greater_sequencer(engine: Engine) -> None:
    s3, sqs = engine.client("s3"), engine.client("sqs")
    name = f"b-{uuid.uuid4().hex[:12]}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    s3.create_bucket(Bucket=name)
    told = {"QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{name}", "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"QueueConfigurations": [told]}, SkipDestinationValidation=True
    )
    sqs.purge_queue(QueueUrl=queue)
    sequencers = []
    for _ in range(3):
        s3.put_object(Bucket=name, Key="photo.jpg", Body=b"x")
        [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        sequencers.append(json.loads(message["Body"])["Records"][0]["s3"]["object"]["sequencer"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    assert sequencers == sorted(set(sequencers))
    assert {len(sequencer) for sequencer in sequencers} == {18}


def test_objects_are_stored_in_the_engines_own_temporary_folder(engine: Engine) -> None:
    bucket = f"b-{uuid.uuid4().hex[:12]}"
    engine.client("s3").create_bucket(Bucket=bucket)

    assert (engine.log.parent / "localstack-s3-storage" / bucket).is_dir()
    assert not Path("/tmp/localstack-s3-storage", bucket).exists()  # noqa: S108 - where it would be without the plugin
