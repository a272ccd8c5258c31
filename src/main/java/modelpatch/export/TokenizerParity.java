package modelpatch.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.tokenizer.Tokenizer;

/** Whether two tokenizers are one: the same tokens by id, and the same ids of texts on which tokenizers differ. */
final class TokenizerParity {
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "The capital of France is",
            "In 1999, 12345 people paid $3.14159; 2024-11-22T09:41:00Z",
            "½ ²³ ٣٤ Ⅷ 一二三 १२३",
            "naïve café ﬁ ẞ İstanbul e\u0301",
            "日本語のテキスト 한국어 العربية עברית ไทย",
            "👩‍👩‍👧 😀🏳️‍🌈",
            "  two  spaces\n\n\n then\ttabs\r\n and trailing  ",
            "I'll we've don't X'S O'Neill 'tis aBcDe HTTPServer",
            "x = [i ** 2 for i in range(10)]  # comment\n\tif x != y: return None",
            "https://example.org/a?b=c&d=%20#e",
            "\u00a0non-breaking\u2003em\u200bzero-width");

    private TokenizerParity() {}

    /**
     * @param rows of the embedding; what ids beyond them are called matters to nobody
     * @throws BadInput naming the first token or text on which they differ
     */
    static void require(Tokenizer base, Tokenizer written, int rows, Path file) {
        int ids = Math.min(rows, Math.max(base.size(), written.size()));
        for (int id = 0; id < ids; id++) {
            requireEqual("token " + id, base.token(id), written.token(id), file);
        }
        for (String text : TEXTS) {
            requireEqual(text, ids(base.encode(text)), ids(written.encode(text)), file);
            String continued = base.token(Math.min(rows, base.size()) - 1) + text;
            requireEqual(
                    continued,
                    ids(base.encodeContinuation(continued)),
                    ids(written.encodeContinuation(continued)),
                    file);
        }
    }

    private static String ids(int[] ids) {
        return Arrays.toString(ids);
    }

    private static void requireEqual(String what, String before, String after, Path file) {
        if (!before.equals(after)) {
            throw new BadInput(
                    "the written tokenizer is another",
                    "\"" + what + "\" in " + file.getFileName(),
                    before,
                    after,
                    "export it as safetensors or ONNX (--format onnx)");
        }
    }
}
