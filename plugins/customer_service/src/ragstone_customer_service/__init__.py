"""Customer service: answers from a company's FAQ, policies and manuals."""

from ragstone.sdk import AskTask, Plugin

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
    ),
)
