"""Letters by SMTP: to the installation's own relay, which signs them (DKIM) and sends them on."""

from permanence.connectors.smtp.mailer import LetterRefused, SmtpMailer

__all__ = ["LetterRefused", "SmtpMailer"]
