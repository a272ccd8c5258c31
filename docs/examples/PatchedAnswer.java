import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A patched model answers in a program that knows nothing of modelpatch: ONNX Runtime, a tokenizer, and a loop that keeps keys and values. Only
 * the libraries onnxruntime and ai.djl.huggingface:tokenizers are needed.
 *
 * <p>Run: {@code java -cp LIBRARIES docs/examples/PatchedAnswer.java DIRECTORY PROMPT [TOKENS]}
 */
public class PatchedAnswer {
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        int newTokens = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 16;
        Map<String, String> options = Map.of("addSpecialTokens", "true", "truncation", "false");
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (HuggingFaceTokenizer tokenizer =
                        HuggingFaceTokenizer.newInstance(directory.resolve("tokenizer.json"), options);
                OrtSession session = environment.createSession(directory.resolve("model.onnx").toString())) {
            long[] ids = tokenizer.encode(arguments[1]).getIds();
            System.out.println(tokenizer.decode(answer(environment, session, ids, newTokens), false));
        }
    }

    private static long[] answer(OrtEnvironment environment, OrtSession session, long[] prompt, int newTokens)
            throws Exception {
        long[] made = new long[newTokens];
        long[] fresh = prompt;
        int kept = 0;
        Map<String, OnnxTensor> past = emptyPast(environment, session);
        OrtSession.Result before = null;
        for (int step = 0; step < newTokens; step++) {
            int total = kept + fresh.length;
            long[] mask = new long[total];
            Arrays.fill(mask, 1);
            long[] positions = new long[fresh.length];
            for (int i = 0; i < positions.length; i++) {
                positions[i] = kept + i;
            }
            Map<String, OnnxTensor> inputs = new HashMap<>(past);
            inputs.put("input_ids", row(environment, fresh));
            inputs.put("attention_mask", row(environment, mask));
            inputs.put("position_ids", row(environment, positions));
            OrtSession.Result result = session.run(inputs);
            FloatBuffer logits = ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer();
            made[step] = likeliest(logits, fresh.length);
            past = new HashMap<>();
            for (String output : session.getOutputNames()) {
                if (output.startsWith("present.")) {
                    OnnxTensor tensor = (OnnxTensor) result.get(output).orElseThrow();
                    past.put(output.replace("present.", "past_key_values."), tensor);
                }
            }
            if (before != null) {
                before.close(); // its keys and values are inside the present ones now
            }
            before = result;
            fresh = new long[] {made[step]};
            kept = total;
        }
        return made;
    }

    private static Map<String, OnnxTensor> emptyPast(OrtEnvironment environment, OrtSession session) throws Exception {
        Map<String, OnnxTensor> past = new HashMap<>();
        for (var input : session.getInputInfo().entrySet()) {
            if (input.getKey().startsWith("past_key_values.")) {
                long[] shape = ((ai.onnxruntime.TensorInfo) input.getValue().getInfo()).getShape();
                long[] empty = {1, shape[1], 0, shape[3]};
                past.put(input.getKey(), OnnxTensor.createTensor(environment, FloatBuffer.allocate(0), empty));
            }
        }
        return past;
    }

    private static OnnxTensor row(OrtEnvironment environment, long[] values) throws Exception {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), new long[] {1, values.length});
    }

    /** The id of the largest of the last position's logits. */
    private static int likeliest(FloatBuffer logits, int positions) {
        int vocabulary = logits.remaining() / positions;
        int start = (positions - 1) * vocabulary;
        int best = 0;
        for (int id = 1; id < vocabulary; id++) {
            if (logits.get(start + id) > logits.get(start + best)) {
                best = id;
            }
        }
        return best;
    }
}
