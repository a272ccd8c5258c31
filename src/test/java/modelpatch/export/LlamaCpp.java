package modelpatch.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.CacheType;
import de.kherud.llama.args.PoolingType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import modelpatch.JavaProcess;

/**
 * llama.cpp itself, in a process of its own: it ends the process where a file is not what it expects, it prints, and it brings another OpenMP
 * than the engine.
 */
final class LlamaCpp {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CONTEXT = 256;

    private LlamaCpp() {}

    /**
     * What llama.cpp makes of a text.
     *
     * @param ids its tokens, without one that begins the sequence
     * @param continuation its greedy continuation
     * @param hidden the last token's residual stream after the final norm, scaled to length 1, {@code [d_model]}; the logits themselves cannot be
     *     asked for, because the binding ends the process then
     */
    record Reading(int[] ids, String continuation, float[] hidden) {}

    private record Request(String model, int newTokens, List<String> texts) {}

    /** Reads texts with the model of a GGUF file. */
    static List<Reading> read(Path model, int newTokens, List<String> texts, Path folder)
            throws IOException, InterruptedException {
        Path request = folder.resolve("request.json");
        Path readings = folder.resolve("readings.json");
        Path log = folder.resolve("child.log");
        Path library = Files.createDirectories(folder.resolve("library")); // the binding cleans up where it unpacks
        JSON.writeValue(request.toFile(), new Request(model.toString(), newTokens, texts));
        Process process = JavaProcess.of(
                        List.of("-Xmx256m", "-Dde.kherud.llama.tmpdir=" + library),
                        LlamaCpp.class,
                        request.toString(),
                        readings.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError("llama.cpp refuses " + model + ":\n" + Files.readString(log));
        }
        return List.of(JSON.readValue(readings.toFile(), Reading[].class));
    }

    public static void main(String[] arguments) throws IOException {
        Request request = JSON.readValue(Path.of(arguments[0]).toFile(), Request.class);
        List<Reading> readings = new ArrayList<>();
        try (LlamaModel model = new LlamaModel(parameters(request))) {
            for (String text : request.texts()) {
                readings.add(
                        new Reading(model.encode(text), greedy(model, text, request.newTokens()), model.embed(text)));
            }
        }
        JSON.writeValue(Path.of(arguments[1]).toFile(), readings);
        Runtime.getRuntime().halt(0); // its server thread does not end by itself
    }

    private static ModelParameters parameters(Request request) {
        return new ModelParameters()
                .setModel(request.model())
                .setCtxSize(CONTEXT)
                .setThreads(1)
                .setCacheTypeK(CacheType.F32)
                .setCacheTypeV(CacheType.F32)
                .setPoolingType(PoolingType.LAST)
                .enableEmbedding()
                .skipWarmup();
    }

    private static String greedy(LlamaModel model, String text, int newTokens) {
        return model.complete(new InferenceParameters(text)
                .setTemperature(0)
                .setNPredict(newTokens)
                .setCachePrompt(false)
                .setRepeatPenalty(1)
                .setIgnoreEos(true));
    }
}
