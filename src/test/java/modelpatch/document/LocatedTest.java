package modelpatch.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.function.Function;
import modelpatch.BadInput;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocatedTest {
    private static Located yaml(String text) {
        return Located.yaml("x.yaml", text);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(
            String text, Function<Located, Object> read) {
        return assertThatThrownBy(() -> read.apply(yaml(text))).isInstanceOf(BadInput.class);
    }

    @Test
    void valuesKnowWhereTheyStand() {
        Located root = yaml("a: 1\nb:\n  - c\n  - d: e\n");
        assertThat(root.field("a").where()).isEqualTo("x.yaml:1:4");
        assertThat(root.field("b").items("things").get(1).field("d").where()).isEqualTo("x.yaml:4:8");
    }

    @Test
    void allUnknownKeysAreNamedInOneMessage() {
        refused("a: 1\nsede: 2\nb: 3\ntreads: 4\n", root -> root.fields("run", Set.of("b", "a")))
                .hasMessage("x.yaml:2:7: unknown keys in run: expected only a, b, found 'sede', 'treads' at x.yaml:4:9;"
                        + " correct or remove them");
        refused("a: 1\nsede: 2\n", root -> root.fields("run", Set.of("a")))
                .hasMessage("x.yaml:2:7: unknown key in run: expected only a, found 'sede'; correct or remove it");
    }

    @Test
    void aKeyGivenTwiceIsRefusedWithBothPlaces() {
        refused("a: 1\nb: 2\na: 3\n", root -> root)
                .hasMessage(
                        "x.yaml:3:1: key given twice: expected every key once, found 'a' again; keep one; the value of"
                                + " the first is at x.yaml:1:4");
    }

    @Test
    void scalarsAreReadAsWhatIsAskedFor() {
        Located root = yaml("n: 0.25\nw: 7\nf: false\nc: red\nt: ' a b '\n");
        assertThat(root.field("n").number("n", 0, 1)).isEqualTo(0.25);
        assertThat(root.field("w").whole("w", 0, 7)).isEqualTo(7);
        assertThat(root.field("f").flag("f")).isFalse();
        assertThat(root.field("c").choice("colour", new String[] {"blue", "red"}, name -> name))
                .isEqualTo("red");
        assertThat(root.field("t").text("text")).isEqualTo("a b");
    }

    @Test
    void scalarsThatAreSomethingElseAreRefused() {
        refused("n: 2", root -> root.field("n").number("n", 0, 1))
                .hasMessage("x.yaml:1:4: n out of range: expected a number between 0 and 1, found '2'; correct it");
        refused("n: NaN", root -> root.field("n").number("n", 0, 1)).hasMessageContaining("out of range");
        refused("n: two", root -> root.field("n").number("n", 0.5, Double.MAX_VALUE))
                .hasMessage("x.yaml:1:4: no number for n: expected a number of at least 0.5, found 'two'; correct it");
        refused("n: 1.5", root -> root.field("n").whole("n", 0, 7)).hasMessageContaining("expected a whole number");
        refused("n: yes", root -> root.field("n").flag("n"))
                .hasMessageContaining("expected true or false, found 'yes'");
        refused("n: [1]", root -> root.field("n").text("n")).hasMessageContaining("expected text, found a list");
        refused("n: 1", root -> root.field("m")).hasMessageContaining("expected a value for 'm', found none");
        refused("n: 1", root -> root.items("things")).hasMessageContaining("expected a list, found a mapping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: [1, 2", "a: b: c", "a: 'open", "\ta: 1", "a: %b", "{", "a: &x 1\nb: *x", "a: |>\n b"})
    void malformedYamlIsRefusedInWordsOfOurs(String text) {
        refused(text, root -> root)
                .hasMessageStartingWith("x.yaml:")
                .hasMessageNotContainingAny("while ", "expected <", "scanning", "parsing", "Snake", "mapping values");
    }

    /** Without the limit such a text takes a minute and tens of gigabytes of garbage. */
    @Test
    void aHostileScalarIsRefusedBeforeItCostsAnything() {
        refused("a: 1\nb: " + "z".repeat(4_000_000), root -> root)
                .hasMessageStartingWith("x.yaml:2: a line too long: expected at most 100000 characters, found 4000003");
        assertThat(Located.yaml("x.yaml", "a: " + "z".repeat(90_000)).field("a").text("a"))
                .hasSize(90_000);
    }
}
