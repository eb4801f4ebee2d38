"""The captcha on a page, in three ways: read a picture, listen to it, or let the browser compute.

What a code is worth is decided in `enrolment.captcha`. A captcha that was passed gives a pass: an error elsewhere in
the form, or the page that asks for confirmation, does not ask for a second code.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from public_site.site import portal_of
from web.fields import FieldView
from web.forms import Form
from web.routing import Access, page

TOKEN, ANSWER, PROOF, PASS = "captcha_token", "captcha_answer", "captcha_proof", "captcha_pass"
_PASS_SECONDS = 3600
_MISSING = "Recopiez le code de sécurité, ou laissez votre appareil faire la vérification à votre place."
_WRONG = (
    "Le code de sécurité ne correspond pas, ou il a plus de dix minutes. Recopiez le nouveau code affiché, qui ne sert "
    "qu'une fois."
)


@dataclass(frozen=True)
class CaptchaView:
    """What the page shows. `passed` holds the pass of a captcha already solved, and nothing is asked then."""

    view: FieldView
    token: str = ""
    image_source: str = ""
    audio_url: str = ""
    proof_url: str = ""
    passed: str = ""


def captcha_view(
    request: Request, purpose: str, subject: str, *, error: str | None = None, passed: str = ""
) -> CaptchaView | None:
    """A new captcha for one act on one thing; None when the portal asks for none."""
    captcha = portal_of(request).captcha
    if captcha.mode == "none":
        return None
    view = FieldView(
        name=ANSWER,
        label="Code de sécurité",
        help="Recopiez les chiffres de l'image.",
        error=error,
        input_mode="numeric",
        autocomplete="off",
        max_length=20,
        width="short",
    )
    if passed:
        return CaptchaView(view, passed=passed)
    challenge = captcha.new(purpose, subject)
    return CaptchaView(
        view,
        token=challenge.token,
        image_source=challenge.image_source,
        audio_url=f"/captcha/son/{challenge.token}",
        proof_url=f"/captcha/calcul/{purpose}/{subject}",
    )


def problem_with(request: Request, form: Form, purpose: str, subject: str) -> str | None:
    """Why the captcha of a form is not passed, as a French sentence; None when it is."""
    captcha = portal_of(request).captcha
    if captcha.mode == "none" or _has_pass(request, form, purpose, subject):
        return None
    proof = form.get(PROOF)
    if proof:
        return None if captcha.check_proof(proof, purpose, subject) else _WRONG
    answer = form.get(ANSWER).strip()
    if not answer:
        return _MISSING
    return None if captcha.check(form.get(TOKEN), answer, purpose, subject) else _WRONG


def pass_for(request: Request, purpose: str, subject: str) -> str:
    """A pass for one act on one thing, to be given once the captcha has no problem."""
    made = _serializer(request).dumps([purpose, subject])
    return made if isinstance(made, str) else made.decode()


def _has_pass(request: Request, form: Form, purpose: str, subject: str) -> bool:
    try:
        content = _serializer(request).loads(form.get(PASS), max_age=_PASS_SECONDS)
    except BadSignature:
        return False
    return bool(content == [purpose, subject])


def _serializer(request: Request) -> URLSafeTimedSerializer:
    secret = portal_of(request).settings.secret_key.get_secret_value()
    return URLSafeTimedSerializer(secret, salt="enrolment.captcha-pass")


def spoken(request: Request) -> Response:
    """The code of a captcha, spoken in French."""
    return Response(portal_of(request).captcha.audio(request.path_params["token"]), media_type="audio/wav")


def proof(request: Request) -> Response:
    """A computation for the browser of somebody who can neither see nor hear the code."""
    parameters = request.path_params
    return JSONResponse(portal_of(request).captcha.new_proof(parameters["purpose"], parameters["subject"]))


ROUTES = (
    page("/captcha/son/{token}", spoken, access=Access.PUBLIC, name="captcha_audio"),
    page("/captcha/calcul/{purpose}/{subject}", proof, access=Access.PUBLIC, name="captcha_proof"),
)
