package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.checkpoint.Sha256;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final int LINES = 6;
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path directory;

    private Ledger ledger;

    private static JsonNode details(int i) {
        return JsonNodeFactory.instance.objectNode().put("patch", "id-" + i).put("value", 0.1 * i);
    }

    @BeforeEach
    void writeSixLines() {
        ledger = Ledger.at(directory.resolve("sub/ledger.jsonl"));
        for (int i = 1; i <= LINES; i++) {
            ledger.append(i % 2 == 0 ? "revert" : "apply", "Ada", "reason \"" + i + "\"\n\u00e9", TIME, details(i));
        }
    }

    private List<String> lines() throws IOException {
        return new ArrayList<>(Files.readAllLines(ledger.file()));
    }

    private void write(List<String> lines) throws IOException {
        Files.writeString(ledger.file(), String.join("\n", lines) + "\n");
    }

    private void assertNamesLine(int line) {
        assertThatThrownBy(() -> ledger.entries())
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("ledger.jsonl line " + line + ":");
    }

    @Test
    void whatIsAddedIsReadInOrder() {
        List<LedgerEntry> entries = ledger.entries();
        assertThat(entries).hasSize(LINES);
        for (int i = 1; i <= LINES; i++) {
            LedgerEntry entry = entries.get(i - 1);
            assertThat(entry.line()).isEqualTo(i);
            assertThat(entry.reason()).isEqualTo("reason \"" + i + "\"\n\u00e9");
            assertThat(entry.time()).isEqualTo(TIME);
            assertThat(entry.details()).isEqualTo(details(i));
            assertThat(entry.previous())
                    .isEqualTo(i == 1 ? "0".repeat(64) : entries.get(i - 2).hash());
        }
    }

    @Test
    void anAbsentLedgerIsEmpty() {
        assertThat(Ledger.at(directory.resolve("none.jsonl")).entries()).isEmpty();
    }

    @Test
    void anAppendedEntryIsTheOneReadBack() {
        LedgerEntry added = ledger.append("apply", "Grace", "because", TIME, details(9));
        assertThat(ledger.entries().get(LINES)).isEqualTo(added);
    }

    @Test
    void everyChangedByteOfEveryLineNamesThatLine() throws IOException {
        List<String> whole = lines();
        Random random = new Random(1);
        for (int line = 0; line < LINES; line++) {
            for (int trial = 0; trial < 25; trial++) {
                List<String> changed = new ArrayList<>(whole);
                char[] characters = changed.get(line).toCharArray();
                int at = random.nextInt(characters.length);
                characters[at] = characters[at] == 'x' ? 'y' : 'x';
                changed.set(line, new String(characters));
                write(changed);
                assertNamesLine(line + 1);
            }
        }
    }

    @Test
    void everyRemovedLineIsNamed() throws IOException {
        List<String> whole = lines();
        for (int line = 0; line < LINES; line++) {
            List<String> cut = new ArrayList<>(whole);
            cut.remove(line);
            write(cut);
            assertNamesLine(line + 1);
        }
        Files.delete(ledger.file());
        assertNamesLine(1);
    }

    @Test
    void swappedRepeatedAndInsertedLinesAreNamed() throws IOException {
        List<String> whole = lines();
        List<String> swapped = new ArrayList<>(whole);
        swapped.set(2, whole.get(3));
        swapped.set(3, whole.get(2));
        write(swapped);
        assertNamesLine(3);
        List<String> repeated = new ArrayList<>(whole);
        repeated.add(4, whole.get(4));
        write(repeated);
        assertNamesLine(6);
        List<String> blank = new ArrayList<>(whole);
        blank.add(1, "");
        write(blank);
        assertNamesLine(2);
    }

    @Test
    void aLineThatWasHashedAnewBreaksTheNext() throws IOException {
        List<String> whole = lines();
        String opened = whole.get(1).substring(0, whole.get(1).length() - 75).replace("reason", "Reason");
        whole.set(1, opened + ",\"hash\":\"" + Sha256.of(opened) + "\"}");
        write(whole);
        assertNamesLine(3);
    }

    @Test
    void aMissingHeadIsNoticed() throws IOException {
        Files.delete(directory.resolve("sub/ledger.jsonl.head"));
        assertNamesLine(LINES);
    }

    @Test
    void aLedgerOneLineAheadOfItsHeadIsAcceptedWhereTheHeadAnnouncedThatLineAsAKillLeavesIt() throws IOException {
        Path head = directory.resolve("sub/ledger.jsonl.head");
        String before = Files.readString(head).strip();
        String hash = ledger.append("apply", "Ada", "x", TIME, details(7)).hash();
        Files.writeString(head, before + " " + hash + "\n");
        assertThat(ledger.entries()).hasSize(LINES + 1);
        ledger.append("apply", "Ada", "y", TIME, details(8));
        assertThat(ledger.entries()).hasSize(LINES + 2);
        Files.writeString(head, before + " " + hash + "\n");
        assertNamesLine(LINES + 1);
    }

    @Test
    void aLineThatNoHeadAnnouncedIsForged() throws IOException {
        Path head = directory.resolve("sub/ledger.jsonl.head");
        String before = Files.readString(head);
        ledger.append("apply", "Eve", "x", TIME, details(7));
        Files.writeString(head, before);
        assertNamesLine(LINES + 1);
    }

    @Test
    void aTornLastLineIsNamed() throws IOException {
        String text = Files.readString(ledger.file());
        Files.writeString(ledger.file(), text.substring(0, text.length() - 1));
        assertNamesLine(LINES);
    }

    @Test
    void nothingIsAddedToAChangedLedger() throws IOException {
        List<String> whole = lines();
        whole.set(0, whole.get(0).replace("Ada", "Eve"));
        write(whole);
        assertThatThrownBy(() -> ledger.append("apply", "Ada", "x", TIME, details(1)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("line 1:");
        assertThat(lines()).isEqualTo(whole);
    }

    @Test
    void threadsQueue() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 5; i++) {
                    Ledger.at(ledger.file()).append("apply", "Ada", "x", TIME, details(i));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(ledger.entries()).hasSize(LINES + 20);
    }

    @Test
    void leftOversOfKilledProcessesAreSweptUp() throws IOException {
        Path leftOver = directory.resolve("sub/.ledger.jsonl.1234-1.tmp");
        Files.writeString(leftOver, "half");
        ledger.append("apply", "Ada", "x", TIME, details(1));
        assertThat(leftOver).doesNotExist();
    }
}
