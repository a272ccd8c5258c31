package modelpatch.locate;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.Json;
import modelpatch.document.ReportJson;
import modelpatch.document.TextFile;

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
        if (!Files.exists(file)) {
            throw new BadInput(
                    "no such file",
                    file.toString(),
                    "findings that `patch find` wrote",
                    "nothing",
                    "run `patch find` first, or give another file");
        }
        JsonNode json = Json.parse(TextFile.read(file), file.toString());
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
                    format.asInt() > Findings.FORMAT ? "use a newer modelpatch" : "write them again with `patch find`");
        }
        return ReportJson.read(json, Findings.class, "findings", file.toString(), "write them again with `patch find`");
    }

    /**
     * Reads the findings of a certain model.
     *
     * @param digest SHA-256 over that model's tensors
     * @param reading how these are read
     * @throws BadInput also for findings of another model, or of the same tensors under another configuration or with another tokenizer
     */
    public static Findings read(Path file, String digest, BaseReading reading) {
        Findings findings = read(file);
        if (!findings.model().digest().equals(digest)) {
            throw new BadInput(
                    "findings of another model",
                    file.toString(),
                    "a model whose digest is " + digest,
                    findings.model().name() + " with digest " + findings.model().digest(),
                    "give the model that was examined, or run `patch find` on this one");
        }
        findings.model().reading().flatMap(known -> known.difference(reading)).ifPresent(part -> {
            throw new BadInput(
                    "findings of another model: the tensors are the same, but not " + part,
                    file.toString(),
                    findings.model().reading().orElseThrow().toString(),
                    reading.toString(),
                    "give the model that was examined, or run `patch find` on this one");
        });
        return findings;
    }
}
