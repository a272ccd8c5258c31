package modelpatch.locate;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.JsonFile;
import modelpatch.evaluate.ReportJson;

/** Findings on disk, as JSON. */
public final class FindingsFile {
    private FindingsFile() {}

    /** Writes findings in one step: the file is the old one or whole. */
    public static void write(Path file, Findings findings) {
        AtomicFile.write(file, out -> out.write(ReportJson.mapper().writeValueAsBytes(findings)));
    }

    /**
     * Reads findings.
     *
     * @throws BadInput for a file that cannot be read, holds no findings, or those of another format
     */
    public static Findings read(Path file) {
        try {
            JsonNode json = ReportJson.mapper().readTree(Files.readString(file));
            JsonNode format = json.path("format");
            if (!format.isInt()
                    || !json.path("failures").isArray()
                    || !json.path("model").isObject()) {
                throw new BadInput(
                        "no findings",
                        file.toString(),
                        "an object with \"format\", \"model\" and \"failures\"",
                        json.isObject() ? "an object without them" : "something else",
                        "give a file that `patch find` wrote");
            }
            if (format.asInt() != Findings.FORMAT) {
                throw new BadInput(
                        "findings of another format",
                        file.toString(),
                        "format " + Findings.FORMAT,
                        "format " + format.asInt(),
                        format.asInt() > Findings.FORMAT
                                ? "use a newer modelpatch"
                                : "write them again with `patch find`");
            }
            return ReportJson.mapper().treeToValue(json, Findings.class);
        } catch (JacksonException e) {
            throw new BadInput(
                            "no findings",
                            JsonFile.place(file, e),
                            "JSON as `patch find` writes it",
                            JsonFile.reason(e),
                            "write them again with `patch find`")
                    .causedBy(e);
        } catch (NoSuchFileException e) {
            throw new BadInput(
                            "no such file",
                            file.toString(),
                            "findings that `patch find` wrote",
                            "nothing",
                            "run `patch find` first, or give another file")
                    .causedBy(e);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    /**
     * Reads the findings of a certain model.
     *
     * @param digest SHA-256 over that model's tensors
     * @throws BadInput also for findings of another model
     */
    public static Findings read(Path file, String digest) {
        Findings findings = read(file);
        if (!findings.model().digest().equals(digest)) {
            throw new BadInput(
                    "findings of another model",
                    file.toString(),
                    "a model whose digest is " + digest,
                    findings.model().name() + " with digest " + findings.model().digest(),
                    "give the model that was examined, or run `patch find` on this one");
        }
        return findings;
    }
}
