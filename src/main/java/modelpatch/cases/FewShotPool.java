package modelpatch.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.document.Located;

/**
 * Demonstrations to choose from, so that whatever is asked about, none need name anything of it.
 *
 * @param id of the prefix that is chosen, such as {@code cloze-5+2}
 * @param form the form of the prompts that they prepare for
 * @param choices for each demonstration those that may stand in its place, in the order in which they are preferred; none empty
 */
public record FewShotPool(String id, Form form, List<List<String>> choices) {
    public FewShotPool {
        choices = choices.stream().map(List::copyOf).toList();
    }

    /**
     * Reads a YAML file of prefixes; its form is described in eval/README.md.
     *
     * @throws modelpatch.BadInput naming file, line and column
     */
    public static List<FewShotPool> read(Path yaml) {
        return FewShotFile.read(Located.yaml(yaml));
    }

    /** What is read where nothing stands against it: the first choice of each. */
    public FewShot usual() {
        return new FewShot(
                id, form, choices.stream().map(choice -> choice.get(0)).toList());
    }

    /**
     * For each demonstration the first choice that names nothing of some facts; where all of its choices do, the first such one of any
     * demonstration that was not chosen yet; and where there is none at all, its first choice, which gives something away.
     */
    public FewShot tellingNothingOf(FactTable facts, EntityNames names) {
        Set<String> told = FewShot.names(facts, names);
        List<String> chosen = new ArrayList<>();
        for (List<String> choice : choices) {
            chosen.add(firstUntold(choice, told, chosen)
                    .or(() -> firstUntold(choices.stream().flatMap(List::stream).toList(), told, chosen))
                    .orElse(choice.get(0)));
        }
        return new FewShot(id, form, chosen);
    }

    private static Optional<String> firstUntold(List<String> choice, Set<String> told, List<String> chosen) {
        return choice.stream()
                .filter(one -> !chosen.contains(one))
                .filter(one -> told.stream().noneMatch(name -> Mentions.readable(name, one)))
                .findFirst();
    }
}
