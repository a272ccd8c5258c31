package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.Production;
import org.junit.jupiter.api.Test;

/** What docs/howto/editor.md asks of whoever adds an editor. */
class MethodTest {
    @Test
    void everyKindOfEditorCanBeAskedForByAName() {
        Set<String> asked = Arrays.stream(Method.values())
                .map(method -> method.editor().getClass().getName())
                .collect(Collectors.toSet());
        Set<String> written = Production.implementing(Editor.class);
        assertThat(asked).as("editors that a constant of Method holds").isEqualTo(written);
    }

    @Test
    void namesAreLowerCaseWordsAndEachIsThatOfOneMethod() {
        assertThat(Method.names()).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9]+(-[a-z0-9]+)*"));
        for (Method method : Method.values()) {
            assertThat(Method.named(method.key())).isEqualTo(method);
        }
    }

    @Test
    void everyMethodCompetesForOneCaseOrForManyOrIsAskedForByNameAlone() {
        List<Method> competing = new ArrayList<>(Method.ofOne());
        competing.addAll(Method.ofMany());
        competing.addAll(Method.byNameAlone());
        assertThat(competing)
                .as("Method.ofOne, Method.ofMany and Method.byNameAlone")
                .contains(Method.values());
    }
}
