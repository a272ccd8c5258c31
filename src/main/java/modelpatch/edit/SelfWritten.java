package modelpatch.edit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Sha256;
import modelpatch.model.LanguageModel;
import modelpatch.model.Passages;
import modelpatch.model.TokenIds;

/** {@link Passages} of a model, kept in a directory, because writing takes longer than reading; a file that is damaged counts as absent. */
final class SelfWritten {
    private static final int PASSAGES = 128;
    private static final int PASSAGE_TOKENS = 32;
    private static final long SEED = 0;

    private final LanguageModel model;
    private final int[] prefix;
    private final Path file;

    /**
     * Passages of a model; nothing is written yet.
     *
     * @param digest names the model with the patches on it
     * @param prefix tokens before every passage
     */
    SelfWritten(LanguageModel model, String digest, int[] prefix, Path directory) {
        this.model = model;
        this.prefix = prefix;
        String name = Sha256.of(String.join(
                "\n",
                "self-written 1",
                digest,
                PASSAGES + " " + PASSAGE_TOKENS,
                SecondMomentCache.digest(prefix, List.of())));
        this.file = directory.resolve(name.substring(0, 32) + ".ids");
    }

    /** Token ids of every passage. */
    List<int[]> passages() {
        return kept().orElseGet(() -> {
            List<int[]> passages = Passages.written(model, prefix, PASSAGES, PASSAGE_TOKENS, SEED);
            String text =
                    passages.stream().map(ids -> TokenIds.text(ids) + "\n").collect(Collectors.joining());
            String whole = text + Sha256.of(text) + "\n";
            AtomicFile.write(file, out -> out.write(whole.getBytes(StandardCharsets.US_ASCII)));
            return passages;
        });
    }

    private Optional<List<int[]>> kept() {
        try {
            String whole = Files.exists(file) ? Files.readString(file, StandardCharsets.US_ASCII) : "";
            int end = whole.lastIndexOf('\n', whole.length() - 2) + 1;
            String text = whole.substring(0, end);
            return text.isEmpty() || !whole.substring(end).strip().equals(Sha256.of(text))
                    ? Optional.empty()
                    : Optional.of(text.lines().map(TokenIds::read).toList());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
