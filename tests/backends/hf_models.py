"""Tiny random models of every architecture that is tested, saved once a test process."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # before huggingface_hub is imported: no test uses a network

import copy
import tempfile
from functools import cache
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from tombench.backends.hf.backend import HfBackend
from tombench.backends.hf.server import HfServer
from tombench.models.base import Model
from tombench.schema import GenerateRequest, Item, LikelihoodRequest, Sampling

VOCABULARY = 400
CONTEXT = 128
ITEM = Item(id="i", cluster="c", content=None)
TEXT = (
    "Ilse is the night guard of a small harbour museum. Ilse hangs the brass key on the left hook"
    " and goes up to the gallery. A carpenter moves the brass key to the right hook. Does Ilse"
    " believe that the key hangs on the left hook or the right hook? The answer is: Yes, No."
)
PROMPTS = (
    "Ilse believes",
    "The carpenter moves the key. Ilse wants",
    "Does Ilse believe that the key hangs on the right hook? The answer is:",
    "a",
    TEXT[:150],
)
CHAT = "{% for m in messages %}<u>{{ m['content'] }}</u>{% endfor %}<a>"

_root = tempfile.TemporaryDirectory()  # gone when the process ends
_llama = dict(
    vocab_size=VOCABULARY,
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=CONTEXT,
    initializer_range=0.3,  # far from ties, which rounding would break either way
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=None,
)
_gpt = dict(
    vocab_size=VOCABULARY,
    n_positions=CONTEXT,
    n_embd=32,
    n_layer=2,
    n_head=4,
    initializer_range=0.3,
    bos_token_id=1,
    eos_token_id=2,
)
ARCHITECTURES = {
    "llama": lambda: transformers.LlamaConfig(**_llama),
    "mistral": lambda: transformers.MistralConfig(**_llama, sliding_window=None),
    "mistral-window": lambda: transformers.MistralConfig(**_llama, sliding_window=8),
    "qwen2": lambda: transformers.Qwen2Config(**_llama),
    "qwen3": lambda: transformers.Qwen3Config(**_llama, head_dim=8),
    "gemma3": lambda: transformers.Gemma3TextConfig(
        **_llama | {"pad_token_id": 0},
        head_dim=8,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention"],
    ),
    "bloom": lambda: transformers.BloomConfig(
        vocab_size=VOCABULARY, hidden_size=32, n_layer=2, n_head=4, initializer_range=0.3
    ),
    "gptj": lambda: transformers.GPTJConfig(**_gpt, rotary_dim=4, tie_word_embeddings=False),
    "gpt2": lambda: transformers.GPT2Config(**_gpt),
    "opt": lambda: transformers.OPTConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        ffn_dim=64,
        word_embed_proj_dim=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        init_std=0.3,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    ),
}
WINDOWED = ("mistral-window", "gemma3")  # a window counts the padding between stem and rest
UNSHARED = {  # read whole: a recurrent state, or attention that counts places
    "jamba": lambda: transformers.JambaConfig(
        **_llama,
        mamba_d_state=8,
        attn_layer_period=2,
        attn_layer_offset=1,
        num_experts=2,
        use_mamba_kernels=False,
    ),
    "mpt": lambda: transformers.MptConfig(
        vocab_size=VOCABULARY,
        d_model=32,
        n_layers=2,
        n_heads=4,
        max_seq_len=CONTEXT,
        initializer_range=0.3,
    ),
    "gpt_neo": lambda: transformers.GPTNeoConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_layers=2,
        num_heads=4,
        attention_types=[[["global", "local"], 1]],
        window_size=8,
        max_position_embeddings=CONTEXT,
        initializer_range=0.3,
    ),
}
REFUSED = {
    "mamba2": lambda: transformers.Mamba2Config(
        vocab_size=VOCABULARY,
        hidden_size=32,
        state_size=8,
        num_hidden_layers=2,
        num_heads=8,
        head_dim=8,
        n_groups=1,
    ),
    "minimax": lambda: transformers.MiniMaxConfig(
        **_llama,
        head_dim=8,
        num_local_experts=2,
        layer_types=["linear_attention", "full_attention"],
        block_size=8,
    ),
    "bart": lambda: transformers.BartConfig(
        vocab_size=VOCABULARY,
        d_model=32,
        decoder_layers=2,
        encoder_layers=2,
        decoder_ffn_dim=64,
        decoder_attention_heads=4,
        max_position_embeddings=CONTEXT,
    ),
}


@cache
def tokenizer(bos: bool = False, side: str = "left") -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer that adds `<s>` or nothing."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator([TEXT] * 4, trainer)
    if bos:
        core.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", 1)]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        padding_side=side,
    )


def _configuration(architecture: str) -> transformers.PretrainedConfig:
    return (ARCHITECTURES | UNSHARED | REFUSED)[architecture]()


@cache
def network(architecture: str) -> transformers.PreTrainedModel:
    """A random model, the same in every process."""
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(_configuration(architecture))
    return model.eval()


@cache
def saved(architecture: str, bos: bool = False, side: str = "left") -> Path:
    """The folder of a saved model and tokenizer; copy it before you change it."""
    folder = Path(_root.name) / f"{architecture}-{bos}-{side}"
    network(architecture).save_pretrained(folder)
    tokenizer(bos, side).save_pretrained(folder)
    return folder


QWEN3 = """{% for m in messages %}<|im_start|>{{ m['role'] }}
{{ m['content'] }}<|im_end|>
{% endfor %}<|im_start|>assistant
{% if enable_thinking is defined and enable_thinking is false %}<think>

</think>

{% endif %}"""  # as Qwen3's own renders one user message


@cache
def reasoner(template: str = QWEN3, tags: bool = True) -> Path:
    """The folder of a saved random Qwen3; `<think>` and `</think>` are tokens where `tags`."""
    core = copy.deepcopy(tokenizer())
    core.chat_template = template
    if tags:
        core.add_tokens(["<think>", "</think>"])
    config = ARCHITECTURES["qwen3"]()
    config.vocab_size, config.max_position_embeddings = len(core), 256
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    folder = Path(_root.name) / f"reasoner-{hash((template, tags))}"
    model.save_pretrained(folder)
    core.save_pretrained(folder)
    return folder


def server(folder: Path, batch_tokens: int = 16384, **fields: object) -> HfServer:
    """A server of a saved model on the CPU."""
    model = Model(name="test", path=str(folder), **fields)
    return HfBackend(device="cpu", batch_tokens=batch_tokens).load(model)


def drawing(
    prompt: str, seeds: tuple[int, ...] = (0,), temperature: float = 0.0, new: int = 12
) -> GenerateRequest:
    """A request to draw, by default greedily."""
    filters = Sampling(temperature=temperature, top_k=50, top_p=0.95, max_new_tokens=new)
    return GenerateRequest(ITEM, prompt, filters, seeds)


def scoring(context: str, *continuations: str) -> LikelihoodRequest:
    """A request to score."""
    return LikelihoodRequest(ITEM, context, continuations)
