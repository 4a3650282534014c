"""Customer service: answers from a company's FAQ, policies and manuals."""

from ragstone.sdk import AskTask, Plugin

plugin = Plugin(
    name="customer-service",
    titles={"en": "Customer service", "zh": "客户服务"},
    corpora=("customer_service/hearthline",),
    tasks=(AskTask(),),
    examples={
        "en": ("How long do I have to return something I bought online?",),
        "zh": ("网上买的东西多久之内可以退货？",),
    },
)
