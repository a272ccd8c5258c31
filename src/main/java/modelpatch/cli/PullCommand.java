package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.hub.Hub;
import modelpatch.hub.HubName;
import modelpatch.hub.Pull;
import modelpatch.hub.PullDocument;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code patch pull}: the one command that uses the network. */
@Command(
        name = "pull",
        header =
                "Fetches a checkpoint from a model hub; what broke off goes on, and every file is checked by its digest.",
        description =
                "The only command that uses the network. HF_ENDPOINT names the hub where --hub does not, HF_TOKEN holds the token for models"
                        + " that need one. Safetensors with configuration and tokenizer, or what --file names.",
        footer = "  patch pull HuggingFaceTB/SmolLM2-135M-Instruct@main --hub https://HUB")
final class PullCommand extends Subcommand {
    private static final int PARTS = 1000;

    @Parameters(paramLabel = "ORG/NAME[@REVISION]", description = "the model; without a revision, its main branch")
    String name;

    @Option(
            names = "--hub",
            paramLabel = "URL",
            description = "address of the hub (default: the environment variable HF_ENDPOINT)")
    String address;

    @Option(
            names = "--file",
            paramLabel = "NAME",
            description = "fetch this file and no other, such as one of several GGUF files; may be repeated")
    List<String> files = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "where it goes (default: ORG/NAME, where --model ORG/NAME finds it)")
    Path out;

    private final Map<String, String> environment;
    private final Hub.Pause pause;

    PullCommand(Terminal terminal) {
        this(terminal, System.getenv(), Hub.Pause.SLEEP);
    }

    PullCommand(Terminal terminal, Map<String, String> environment, Hub.Pause pause) {
        super(terminal);
        this.environment = environment;
        this.pause = pause;
    }

    @Override
    Answer answer() {
        HubName model = HubName.of(name);
        Path folder = out == null ? Path.of(model.repository()) : out;
        Optional<String> token =
                Optional.ofNullable(environment.get("HF_TOKEN")).filter(secret -> !secret.isBlank());
        try (ProgressLine line = begin("fetching " + model.repository())) {
            PullDocument document = new Pull(Hub.at(hub(), token, pause), (file, bytes, size) -> {
                        line.doing(file);
                        line.at(size == 0 ? PARTS : (int) (PARTS * bytes / size), PARTS);
                    })
                    .run(model, files, folder);
            boolean one = files.size() == 1 && files.get(0).endsWith(".gguf");
            return Answer.of(document, () -> text(document))
                    .next(Hint.of("logits")
                            .with("--model", one ? folder.resolve(files.get(0)) : folder)
                            .with("--prompt", "The capital of France is"));
        }
    }

    private String hub() {
        String given = address == null ? environment.getOrDefault("HF_ENDPOINT", "") : address;
        if (given.isBlank()) {
            throw new BadInput(
                    "which hub",
                    "--hub",
                    "the address of a model hub",
                    "none",
                    "give --hub URL, or set HF_ENDPOINT to it");
        }
        return given;
    }

    private static String text(PullDocument document) {
        long bytes = document.files().stream()
                .mapToLong(PullDocument.Fetched::fetched)
                .sum();
        return document.model() + " at " + document.commit() + ": "
                + document.files().size() + " files, " + MemorySize.text(bytes)
                + " fetched, all digests as listed\nwritten: " + document.folder();
    }
}
