//! Models on candle: architectures, GGUF and safetensors, tokenizers and chat templates
