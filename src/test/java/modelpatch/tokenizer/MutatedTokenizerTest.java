package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damaged tokenizer.json files under a fixed seed: each works or is bad input. The library ends the process at some of them unless they are
 * refused first, so a failure here may be the end of the test run; target/mutated-tokenizer.json is then the file that did it.
 */
@Timeout(300)
class MutatedTokenizerTest {
    private static final int MUTATIONS = 800;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String[] VALUES = {
        "null",
        "-1",
        "0",
        "3",
        "4294967296",
        "1e400",
        "\"\"",
        "\"A\"",
        "\"B\"",
        "\"<s>\"",
        "\"\\u0000\"",
        "[]",
        "{}",
        "true",
        "[0,[1]]"
    };

    @Test
    void everyMutationWorksOrIsBadInput() throws IOException {
        Random random = new Random(20251122);
        int worked = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            JsonNode tree = MAPPER.readTree(i % 2 == 0 ? TokenizerTest.BYTES : TokenizerTest.WORDS);
            for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
                mutate(tree, random);
            }
            Files.writeString(Path.of("target", "mutated-tokenizer.json"), tree.toString());
            worked += works(tree.toString()) ? 1 : 0;
        }
        assertThat(worked).as("mutations that still worked").isBetween(MUTATIONS / 20, MUTATIONS * 19 / 20);
    }

    private static boolean works(String json) {
        try (Tokenizer tokenizer = JsonTokenizer.of(json.getBytes(StandardCharsets.UTF_8), "mutated")) {
            int[] ids = tokenizer.encode("é😀 ab <s> the capital");
            tokenizer.encodeWithOffsets("ab. ab");
            tokenizer.encodeContinuation("of France");
            tokenizer.decode(ids);
            return true;
        } catch (BadInput e) {
            assertThat(e).hasMessageMatching("(?s)(mutated|text to encode).+");
            return false;
        }
    }

    /** Replaces, removes or copies one value anywhere in the tree. */
    private static void mutate(JsonNode tree, Random random) throws IOException {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        JsonNode value = random.nextInt(3) == 0
                ? containers.get(random.nextInt(containers.size())).deepCopy()
                : MAPPER.readTree(VALUES[random.nextInt(VALUES.length)]);
        boolean remove = random.nextInt(5) == 0;
        if (container instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            if (remove) {
                object.remove(name);
            } else {
                object.set(name, value);
            }
        } else if (container instanceof ArrayNode array) {
            int at = random.nextInt(array.size());
            if (remove) {
                array.remove(at);
            } else {
                array.set(at, value);
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode() && !node.isEmpty()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }
}
