"""Where the vLLM of the integration tests lives, and the model that it serves."""

from pathlib import Path

from ragstone.settings import load_settings

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[2] / ".venv-vllm"
PYTHON = ENVIRONMENT / "bin" / "python"
REQUIREMENTS = HERE / "requirements.txt"
STAMP = ENVIRONMENT / "requirements.sha256"

MODEL = "qwen2.5-coder-0.5b-instruct-q4"
ADAPTER = "garden-lora"
WEIGHTS = load_settings().paths.models.parent / "vllm" / "qwen2.5-coder-0.5b-instruct-bf16"
