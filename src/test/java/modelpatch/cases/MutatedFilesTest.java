package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Consumer;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were damaged in a fixed number of ways under a fixed seed are read, or refused as bad input; nothing else happens. */
class MutatedFilesTest {
    private static final int MUTATIONS = 400;

    /** What readers stumble over: separators, quotes, brackets, line ends, YAML's special characters, broken UTF-8. */
    private static final String[] SNIPPETS = {
        "\t", "\n", "\r\n", "\"", "'", "{}", "{", "}", "[", "]", ":", ": ", "- ", "#", "&a ", "*a", "!!int ", "|", ">",
        "%", "---\n", "\\", "\\u", ",", "0", "-1", "1e999", "null", "true", "\uFEFF", "\u0000", "\u2028", "  ", "@",
        "`", "?", "<<: "
    };

    @TempDir
    private Path folder;

    @Test
    void factTables() throws IOException {
        String text = """
                subject\trelation\trelation_label\tobject\taliases
                Misery\tP50\tauthor\tStephen King\tS. King|King
                Stephen King\tP27\thome\tMaine\tME
                Maine\tP36\tcapital\tAugusta\tAugusta, Maine
                """;
        damage(text, FactTable::readStrict);
    }

    @Test
    void relations() throws IOException {
        String all = Files.readString(Shipped.RELATION_FILE);
        damage(all.substring(0, all.indexOf("  - id: P20")), Relations::read);
    }

    @Test
    void names() throws IOException {
        damage("entity\tlead\taliases\nGrinch\tthe\tMr. Grinch|Green One\nUnited States\tthe\tUS\n", EntityNames::read);
    }

    @Test
    void prefixes() throws IOException {
        damage(Files.readString(Path.of("eval/few-shot.yaml")), FewShotPool::read);
    }

    @Test
    void suites() throws IOException {
        String line = SuiteFile.lines(Shipped.twoHops().only(one -> one.id().equals("P50-P27:misery")))
                .toList()
                .get(0);
        damage(
                line + "\n",
                file -> SuiteFile.read(file, Shipped.relations(), EntityNames.none(), SuiteRecipe.twoHops(0)));
    }

    @Test
    void recordsOfOtherDataSets() throws IOException {
        Path files = Path.of("src/test/resources/cases");
        damage(
                Files.readString(files.resolve("mquake.json")),
                file -> Mquake.read(file, Shipped.relations(), EntityNames.none(), SuiteRecipe.twoHops(0)));
        damage(Files.readString(files.resolve("counterfact.json")), file -> CounterFact.read(file, 0));
        damage(Files.readString(files.resolve("zsre.json")), file -> ZsRe.read(file, 0));
    }

    private void damage(String text, Consumer<Path> reader) throws IOException {
        Random random = new Random(20);
        byte[] whole = text.getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve("damaged");
        reader.accept(Files.write(file, whole));
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] damaged = mutate(whole, random);
            Files.write(file, damaged);
            try {
                reader.accept(file);
            } catch (BadInput e) {
                refused++;
                assertThat(e.getMessage()).startsWith(file.toString());
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("mutation " + i + " of the file escaped as " + e, e);
            }
        }
        assertThat(refused).as("most damage is noticed somewhere").isGreaterThan(MUTATIONS / 10);
    }

    /** Cuts, doubles, overwrites or inserts at one to three places. */
    private static byte[] mutate(byte[] whole, Random random) throws IOException {
        byte[] bytes = whole;
        for (int times = 1 + random.nextInt(3); times > 0 && bytes.length > 0; times--) {
            int at = random.nextInt(bytes.length);
            int end = Math.min(bytes.length, at + random.nextInt(20));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(bytes, 0, at);
            switch (random.nextInt(5)) {
                case 0 -> out.write(bytes, end, bytes.length - end);
                case 1 -> out.write(bytes, at - Math.min(at, 15), bytes.length - at + Math.min(at, 15));
                case 2 -> {
                    out.write(random.nextInt(256));
                    out.write(bytes, at + 1, bytes.length - at - 1);
                }
                case 3 -> random.nextInt();
                default -> {
                    out.write(SNIPPETS[random.nextInt(SNIPPETS.length)].getBytes(StandardCharsets.UTF_8));
                    out.write(bytes, at, bytes.length - at);
                }
            }
            bytes = out.toByteArray();
        }
        return bytes;
    }
}
