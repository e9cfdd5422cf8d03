"""Sending: a real SMTP server on loopback, written letters, what is tried again and what not."""

from __future__ import annotations

import shutil
import socket
import ssl
import stat
import subprocess
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.job import Job, JobStatus
from matcher.services import settings
from matcher.worker import post
from tests.factories import NOW
from tests.worker.scenes import SCENES, queue


class Mailbox:
    """What a mail server received, and what it answers."""

    def __init__(self):
        self.envelopes = []
        self.answer = "250 OK"
        self.answer_recipient = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answer_recipient:
            return self.answer_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.envelopes.append((envelope, session))
        return self.answer


class Server(Controller):
    """The server, with the settings of one test."""

    def __init__(self, handler, **options):
        self.options = options
        super().__init__(handler, hostname="127.0.0.1", port=0)

    def factory(self):
        return SMTP(self.handler, hostname="mail.demo.example", **self.options)

    @property
    def real_port(self):
        return self.server.sockets[0].getsockname()[1]

    def _trigger_server(self):
        """Look whether it answers; the port is known only now."""
        self.port = self.real_port
        super()._trigger_server()


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def serve(app, mailbox):
    """Return a function that starts the server and points the app to it."""
    started = []

    def start(**options):
        server = Server(mailbox, **options)
        server.start()
        started.append(server)
        app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=server.real_port, SMTP_STARTTLS=False)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def letter(app):
    """Queue one letter and return (job id, address of its recipient)."""

    def make(kind="invitation", language=Language.UK):
        with app.app_context():
            scene = SCENES[kind](language)
            job = queue(kind, scene)
            db.session.commit()
            return job.id, scene.recipient.email

    return make


def read_job(app, job_id):
    with app.app_context():
        job = db.session.get(Job, job_id)
        db.session.expunge(job)
        return job


def test_a_letter_goes_to_the_mail_server_once(app, worker, serve, mailbox, letter):
    serve()
    job_id, address = letter()
    assert worker.run_until_idle() == 1
    assert worker.run_until_idle() == 0
    [(envelope, _session)] = mailbox.envelopes
    assert envelope.rcpt_tos == [address]
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["To"].addresses[0].addr_spec == address
    assert f"letter-{job_id}-" in message["Message-ID"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert "/auth/invitation/" in message.get_content()
    job = read_job(app, job_id)
    assert (job.status, job.attempts, job.finished_at) == (JobStatus.DONE, 1, NOW)


def test_without_a_mail_server_letters_are_files(app, worker, letter, read_letters, outbox_folder):
    job_id, address = letter()
    worker.run_until_idle()
    [message] = read_letters()
    assert message["To"].addresses[0].addr_spec == address
    path = outbox_folder / f"{job_id}.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(outbox_folder.stat().st_mode) == 0o700
    assert list(outbox_folder.iterdir()) == [path], "no half-written file stays"
    assert read_job(app, job_id).status is JobStatus.DONE


def test_a_demonstration_never_writes_to_a_mail_server(
    app, worker, serve, mailbox, letter, read_letters
):
    serve()
    letter()
    with app.app_context():
        settings.write("demo", "1")
        db.session.commit()
    worker.run_until_idle()
    assert mailbox.envelopes == []
    assert len(read_letters()) == 1


def test_a_busy_server_is_tried_again_and_the_last_link_works(
    app, clock, worker, serve, mailbox, letter
):
    serve()
    job_id, _address = letter()
    mailbox.answer = "451 try later"
    worker.run_until_idle()
    job = read_job(app, job_id)
    assert (job.status, job.error) == (JobStatus.WAITING, "smtp 451")
    mailbox.answer = "250 OK"
    assert worker.run_until_idle() == 0, "not before its pause is over"
    clock.now = NOW + timedelta(minutes=2)
    worker.run_until_idle()
    assert read_job(app, job_id).status is JobStatus.DONE
    assert len(mailbox.envelopes) == 1


def test_an_address_that_does_not_exist_is_not_tried_again(app, worker, serve, mailbox, letter):
    serve()
    job_id, _address = letter()
    mailbox.answer_recipient = "550 no such mailbox"
    worker.run_until_idle()
    job = read_job(app, job_id)
    assert (job.status, job.error) == (JobStatus.FAILED, "smtp 550")


def test_a_full_mailbox_is_tried_again(app, worker, serve, mailbox, letter):
    serve()
    job_id, _address = letter()
    mailbox.answer_recipient = "452 mailbox full"
    worker.run_until_idle()
    assert read_job(app, job_id).status is JobStatus.WAITING


def test_a_server_out_of_reach_is_tried_again(app, worker, letter):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = taken.getsockname()[1]
    app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=port)
    job_id, _address = letter()
    worker.run_until_idle()
    job = read_job(app, job_id)
    assert (job.status, job.error) == (JobStatus.WAITING, "ConnectionRefusedError")


def test_nothing_goes_in_the_clear_where_encryption_is_asked_for(
    app, worker, serve, mailbox, letter
):
    serve()
    app.config["SMTP_STARTTLS"] = True
    job_id, _address = letter()
    worker.run_until_idle()
    assert mailbox.envelopes == []
    assert read_job(app, job_id).error == "SMTPNotSupportedError"


IN_THE_CLEAR = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@IN_THE_CLEAR
def test_the_password_is_given_to_the_server(app, worker, serve, mailbox, letter):
    seen = []

    def check(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    serve(authenticator=check, auth_require_tls=False, auth_required=True)
    app.config.update(SMTP_USER="office", SMTP_PASSWORD="secret words")
    letter()
    worker.run_until_idle()
    assert seen == [(b"office", b"secret words")]
    assert len(mailbox.envelopes) == 1


@IN_THE_CLEAR
def test_a_wrong_password_is_noted_without_it(app, worker, serve, mailbox, letter):
    serve(
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_require_tls=False,
        auth_required=True,
    )
    app.config.update(SMTP_USER="office", SMTP_PASSWORD="secret words")
    job_id, _address = letter()
    worker.run_until_idle()
    assert read_job(app, job_id).error == "smtp 535"


@pytest.fixture
def certificate(tmp_path):
    """Make a certificate for the loopback address."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return key, cert


@pytest.mark.parametrize("trusted", [True, False])
def test_starttls_with_a_certificate_that_is_trusted_or_not(
    app, worker, serve, mailbox, letter, certificate, monkeypatch, trusted
):
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    serve(tls_context=context)
    app.config["SMTP_STARTTLS"] = True
    job_id, _address = letter()
    worker.run_until_idle()
    assert len(mailbox.envelopes) == (1 if trusted else 0)
    if trusted:
        assert mailbox.envelopes[0][1].ssl is not None
    else:
        assert read_job(app, job_id).error == "SSLCertVerificationError"


def test_a_letter_without_a_right_is_cancelled(app, worker, letter, outbox_folder):
    job_id, _address = letter("idea_published")
    with app.app_context():
        job = db.session.get(Job, job_id)
        for seat in job.recipient.memberships:
            seat.ended_at = NOW
        db.session.commit()
    worker.run_until_idle()
    job = read_job(app, job_id)
    assert (job.status, job.error) == (JobStatus.CANCELLED, "no_right")
    assert not outbox_folder.exists()


def test_a_sent_again_file_replaces_the_old_one(tmp_path, app, letter):
    path = tmp_path / "outbox" / "5.eml"
    path.parent.mkdir()
    path.write_text("old")
    path.with_suffix(".part").write_text("left by a crash")
    with app.app_context():
        message = post.EmailMessage()
        message.set_content("new")
        post.keep_as_file(message, path)
    assert "new" in path.read_text()
    assert not path.with_suffix(".part").exists()
