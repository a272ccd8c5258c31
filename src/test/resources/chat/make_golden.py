"""What Hugging Face transformers 5.24 (jinja2 3.1) makes of templates.json: python make_golden.py > golden.json. The templates are written for
this test; each has the constructs of the family that it is named for, none its words."""
import datetime
import json
import pathlib

import transformers.utils.chat_template_utils as chat

HERE = pathlib.Path(__file__).parent
CHATS = {
    "user": [{"role": "user", "content": " Say one\nthing. "}],
    "turns": [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "<think>hm</think>\n\nYes?"},
        {"role": "user", "content": "And \"now\"?"},
    ],
    "system": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Why?"}],
    "wrong": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
}


class Day(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 1, 2, 3, 4, 5)


chat.datetime = Day
golden = {}
for name, template in json.loads((HERE / "templates.json").read_text()).items():
    golden[name] = {}
    for title, messages in CHATS.items():
        try:
            text = chat._compile_jinja_template(template).render(
                messages=messages, add_generation_prompt=True, tools=None, documents=None, bos_token="<s>", eos_token="</s>"
            )
        except Exception as e:
            text = None if type(e).__name__ == "TemplateError" else f"{type(e).__name__} {e}"
        golden[name][title] = text
print(json.dumps({"chats": CHATS, "golden": golden}, indent=1, ensure_ascii=False))
