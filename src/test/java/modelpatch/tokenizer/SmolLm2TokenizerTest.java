package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import modelpatch.checkpoint.Checkpoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The real vocabulary: the tokenizer made from the file's metadata is the one that was shipped, and both are the reference's. */
@NeedsSmolLm2
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmolLm2TokenizerTest {
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
            "I'll we've don't X'S O'Neill 'tis",
            "x = [i ** 2 for i in range(10)]  # comment\n\tif x != y: return None",
            "<|im_start|>user\nHi<|im_end|>\n<|endoftext|><repo_name>",
            "https://example.org/a?b=c&d=%20#e",
            "\u00a0non-breaking\u2003em\u200bzero-width");

    private Tokenizer shipped;
    private Tokenizer made;

    @BeforeAll
    void open() {
        try (Checkpoint checkpoint = Checkpoint.open(SharedModel.smolLm2())) {
            shipped = Tokenizer.of(checkpoint);
            made = JsonTokenizer.of(GgufTokenizer.json("metadata", checkpoint.metadata()), "metadata");
        }
    }

    @AfterAll
    void close() {
        shipped.close();
        made.close();
    }

    @Test
    void metadataGiveTheShippedTokenizer() throws Exception {
        List<String> texts = new ArrayList<>(TEXTS);
        texts.addAll(Files.readAllLines(Path.of("src/test/resources/facts/wikidata-facts.tsv"))
                .subList(0, 200));
        for (String text : texts) {
            assertThat(made.encodeWithOffsets(text)).as(text).isEqualTo(shipped.encodeWithOffsets(text));
        }
        assertThat(made.size()).isEqualTo(shipped.size()).isEqualTo(49152);
        for (int id = 0; id < made.size(); id++) {
            assertThat(made.token(id)).isEqualTo(shipped.token(id));
        }
    }

    @Test
    void idsAndGreedyTextAreTheReferences() throws Exception {
        JsonNode golden =
                new ObjectMapper().readTree(SharedModel.smolLm2Golden().toFile());
        assertThat(golden).isNotEmpty();
        for (JsonNode entry : golden) {
            int[] ids = new ObjectMapper().convertValue(entry.get("ids"), int[].class);
            int[] greedy = new ObjectMapper().convertValue(entry.get("greedy"), int[].class);
            for (Tokenizer tokenizer : List.of(shipped, made)) {
                assertThat(tokenizer.encode(entry.get("prompt").asText())).isEqualTo(ids);
                assertThat(tokenizer.decode(greedy))
                        .isEqualTo(entry.get("greedy_text").asText());
            }
        }
    }

    @Test
    void offsetsCoverTheTextWithoutGaps() {
        for (String text : TEXTS) {
            Encoding encoding = shipped.encodeWithOffsets(text);
            int[] starts = encoding.starts();
            int[] ends = encoding.ends();
            int covered = 0;
            for (int i = 0; i < encoding.length(); i++) {
                assertThat(starts[i]).as(text).isLessThanOrEqualTo(covered);
                assertThat(ends[i]).as(text).isGreaterThan(starts[i]);
                covered = Math.max(covered, ends[i]);
            }
            assertThat(covered).as(text).isEqualTo(text.length());
            assertThat(shipped.decode(encoding.ids())).isEqualTo(text);
        }
    }

    @Test
    void noTokenIsAdded() {
        assertThat(shipped.encode("The")).hasSize(1).isEqualTo(shipped.encodeContinuation("The"));
        assertThat(made.encode("")).isEmpty();
    }
}
