"""A refused WebSocket handshake is answered by Twisted's own thread, which alone may write to a connection."""

import subprocess
from pathlib import Path
from typing import Final

# A gateway that refuses every handshake, and says in which thread Twisted got the answer's body.
PROGRAM: Final = """
import http.client, threading
from rolo.gateway import Gateway
from rolo.response import Response
from twisted.internet import reactor
from twisted.web.http import Request
from thumbpipe_localstack.gateway.twisted_requests import make_site

class Refusing(Gateway):
    def accept(self, request):
        request.reject(Response(b"refused", 403))

write, writers = Request.write, []
def noting(self, data):
    writers.append(threading.current_thread())
    write(self, data)
Request.write = noting

def ask(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    keys = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    connection.request("GET", "/", headers={"Upgrade": "websocket", "Connection": "Upgrade", **keys})
    answer = connection.getresponse()
    print(answer.status, answer.read().decode(), set(writers) == {threading.main_thread()})
    reactor.callFromThread(reactor.stop)

port = reactor.listenTCP(0, make_site(Refusing()), interface="127.0.0.1").getHost().port
reactor.callWhenRunning(threading.Thread(target=ask, args=[port]).start)
reactor.run()
"""


def test_a_refused_handshakes_answer_is_written_by_twisteds_thread(engine_python: Path, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "FILESYSTEM_ROOT": str(tmp_path)}
    ran = subprocess.run(
        [str(engine_python), "-c", PROGRAM],
        env=environ | {"OVERRIDE_IN_DOCKER": "0"},
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    assert ran.stdout == "403 refused True\n"
