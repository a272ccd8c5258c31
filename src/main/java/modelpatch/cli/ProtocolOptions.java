package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import modelpatch.BadInput;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Protocol;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** How questions are put to a model, and what counts as right. */
final class ProtocolOptions {
    private static final String PRETRAINED = "cloze-5+2";
    private static final String NONE = "none";

    @Option(
            names = "--protocol",
            paramLabel = "KIND",
            defaultValue = "generated",
            description = "what decides what counts as right: ${COMPLETION-CANDIDATES}")
    Protocol.Kind kind;

    @Option(
            names = "--few-shot",
            paramLabel = "ID",
            description = "the demonstrations before every prompt, by their id in eval/few-shot.yaml, or none "
                    + "(default: " + PRETRAINED + "; none for the embedded models)",
            showDefaultValue = Visibility.NEVER)
    String fewShot;

    @Option(
            names = "--few-shot-file",
            paramLabel = "FILE",
            description = "where demonstrations are read from (default: eval/few-shot.yaml of this project)",
            showDefaultValue = Visibility.NEVER)
    Path fewShotFile;

    @Option(
            names = "--form",
            paramLabel = "FORM",
            defaultValue = "cloze",
            description = "form of the prompts where there are no demonstrations: ${COMPLETION-CANDIDATES}")
    Form form;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "" + Protocol.DEFAULT_NEW_TOKENS,
            description = "how many tokens an answer may have")
    int newTokens;

    @Option(
            names = "--known",
            paramLabel = "RULE",
            description = "when a hop counts as known: right on its primary prompt, or on all_templates "
                    + "(default: primary; all_templates for the embedded models)",
            showDefaultValue = Visibility.NEVER)
    KnownRule known;

    /** The protocol that decides. */
    Protocol deciding(boolean embedded) {
        return new Protocol(kind, demonstrations(embedded), newTokens);
    }

    /** The same without demonstrations. */
    Protocol bare(boolean embedded) {
        return new Protocol(kind, FewShot.none(demonstrations(embedded).form()), newTokens);
    }

    KnownRule known(boolean embedded) {
        return known != null ? known : embedded ? KnownRule.ALL_TEMPLATES : KnownRule.PRIMARY;
    }

    private FewShot demonstrations(boolean embedded) {
        String wanted = fewShot != null ? fewShot : embedded ? NONE : PRETRAINED;
        if (wanted.toLowerCase(Locale.ROOT).equals(NONE)) {
            return FewShot.none(form);
        }
        Path file = fewShotFile == null ? Installation.eval().resolve("few-shot.yaml") : fewShotFile;
        List<FewShot> all = FewShot.read(file);
        return all.stream()
                .filter(one -> one.id().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no such demonstrations",
                        "--few-shot " + wanted,
                        "one of " + String.join(", ", ids(all)),
                        "none of that id in " + file,
                        "check the id"));
    }

    private static List<String> ids(List<FewShot> all) {
        List<String> ids = new ArrayList<>();
        all.forEach(one -> ids.add(one.id()));
        ids.add(NONE);
        return ids;
    }

    /** @throws BadInput where a demonstration would give an answer away */
    void requireNoLeaks(FewShot demonstrations, CaseOptions cases) {
        if (cases.facts == null) {
            return;
        }
        List<String> leaks = demonstrations.leaks(FactTable.read(cases.facts), cases.names());
        if (!leaks.isEmpty()) {
            throw new BadInput(
                    "demonstrations that give answers away",
                    "--few-shot " + demonstrations.id(),
                    "sentences that name nothing of the facts",
                    leaks.get(0) + (leaks.size() > 1 ? " and " + (leaks.size() - 1) + " more" : ""),
                    "use other demonstrations, or --few-shot none");
        }
    }
}
