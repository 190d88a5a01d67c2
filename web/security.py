"""What a browser may do with our pages, and who is asking: headers, CSRF, throttling."""

from flask import Flask, Response, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing inline, nothing evaluated, nothing from elsewhere."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"


def protect(app: Flask) -> None:
    """Put CSRF protection, throttling and the headers on every answer of `app`."""
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Add what every answer carries. Pages are not kept by browsers: they hold other people's words."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if not response.headers.get("Cache-Control") or response.headers["Cache-Control"] == "no-cache":
        response.headers["Cache-Control"] = "no-store" if response.mimetype == "text/html" else "no-cache"
    return response
