package modelpatch.cases;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.document.Located;
import modelpatch.document.TextFile;

/** The forms in which a suite may be written, told apart by a key of the first record. */
enum SuiteForm {
    /** Our own, one case per line. */
    OWN("hops"),
    /** Before CounterFact, whose key {@code requested_rewrite} these records have too. */
    MQUAKE("single_hops"),
    COUNTERFACT("requested_rewrite"),
    ZSRE("src");

    private final String mark;

    SuiteForm(String mark) {
        this.mark = mark;
    }

    /**
     * The form of a file. A file without any record counts as our own.
     *
     * @throws BadInput where the file begins with nothing that a suite begins with
     */
    static SuiteForm of(Path file) {
        String text = TextFile.read(file);
        if (!text.isBlank() && "[{".indexOf(text.stripLeading().charAt(0)) < 0) {
            throw unknown(file + ":1", "text that is no JSON");
        }
        Optional<Located> first = Located.firstRecord(file, text);
        if (first.isEmpty()) {
            return OWN;
        }
        Set<String> keys =
                first.get().isMapping() ? first.get().anyFields("record").keySet() : Set.of();
        return Arrays.stream(values())
                .filter(form -> keys.contains(form.mark))
                .findFirst()
                .orElseThrow(() -> unknown(
                        first.get().where(),
                        keys.isEmpty() ? "no record" : "a record with the keys " + String.join(", ", keys)));
    }

    private static BadInput unknown(String where, String found) {
        return new BadInput(
                "no suite",
                where,
                "one case per line as JSON (eval/README.md), or the JSON file of MQuAKE, CounterFact or zsRE",
                found,
                "a table of facts is given by --facts, a regression suite to `patch guard run`");
    }
}
