"""What the operator sets for customer service, and what it remembers of customers."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ragstone.sdk import label
from ragstone_customer_service.handoff.delivery import Mail, MailSettings, Way, Webhook, WebhookSettings

Product = Literal["tidy-r2", "breeze-a3", "ember-t1", "crema-c5", "hub"]


class SupportSettings(BaseModel):
    """``[plugin.customer-service]``: where tickets go beside the local queue, and who may work on them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    webhook: WebhookSettings | None = None
    mail: MailSettings | None = None
    desk_group: str = Field(default="desk", min_length=1)

    def ways(self) -> list[Way]:
        """The further ways that are set."""
        ways: list[Way] = [Webhook(self.webhook)] if self.webhook else []
        return [*ways, Mail(self.mail)] if self.mail else ways


class Customer(BaseModel):
    """What is remembered of a customer: choices alone, no text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    products: tuple[Product, ...] = Field(default=(), **label(en="Products", zh="已购产品"))
    language: Literal["en", "zh"] | None = Field(default=None, **label(en="Language", zh="语言"))
    plus: Literal["yes", "no"] | None = Field(default=None, **label(en="Plus member", zh="会员"))
    care: Literal["yes", "no"] | None = Field(default=None, **label(en="Hearthline Care", zh="安心保"))

    def known(self) -> dict[str, str]:
        """What flows need not ask: variables and their values."""
        device = self.products[0] if len(self.products) == 1 else None
        values = {"device": device, "plus": self.plus, "care": self.care}
        return {name: value for name, value in values.items() if value}
