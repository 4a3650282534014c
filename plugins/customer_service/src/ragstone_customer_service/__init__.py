"""Customer service: answers from the help centre, a support desk with guided flows, and the way to a person."""

from ragstone.sdk import AskTask, Plugin
from ragstone_customer_service.settings import Customer, SupportSettings
from ragstone_customer_service.support import SupportTask
from ragstone_customer_service.tickets import TicketsTask

plugin = Plugin(
    name="customer-service",
    titles={"en": "Customer service", "zh": "客户服务"},
    corpora=("customer_service/hearthline",),
    tasks=(
        AskTask(
            examples={
                "en": ("Within how many business days does the returns centre inspect a parcel?",),
                "zh": ("焕新机多少天内可以退货？",),
            }
        ),
        SupportTask(),
        TicketsTask(),
    ),
    settings=SupportSettings,
    profile=Customer,
)
