package modelpatch.export;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.NativeLibraries;

/** An ONNX file opened by ONNX Runtime: native memory with one owner, who closes it. Its troubles are told as the file's. */
final class OnnxSession implements AutoCloseable {
    private final Path file;
    private final OrtSession.SessionOptions options;
    private final OrtSession session;

    private OnnxSession(Path file, OrtSession.SessionOptions options, OrtSession session) {
        this.file = file;
        this.options = options;
        this.session = session;
    }

    /**
     * Opens a file.
     *
     * @param threads that one operator may use
     * @throws BadInput where ONNX Runtime refuses it; nothing stays open then
     */
    static OnnxSession open(Path file, int threads) {
        NativeLibraries.locate();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        try {
            environment().setTelemetry(false);
            options.setIntraOpNumThreads(threads);
            options.setSessionLogLevel(
                    OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL); // troubles are exceptions; it prints them too
            return new OnnxSession(file, options, environment().createSession(file.toString(), options));
        } catch (OrtException e) {
            options.close();
            throw trouble(file, e);
        }
    }

    /** There is one for the whole program. */
    static OrtEnvironment environment() {
        NativeLibraries.locate();
        return OrtEnvironment.getEnvironment();
    }

    /** In the file's order. */
    Map<String, NodeInfo> inputs() {
        try {
            return session.getInputInfo();
        } catch (OrtException e) {
            throw trouble(e);
        }
    }

    /** In the file's order. */
    Map<String, NodeInfo> outputs() {
        try {
            return session.getOutputInfo();
        } catch (OrtException e) {
            throw trouble(e);
        }
    }

    /** What the file says about itself. */
    Map<String, String> metadata() {
        try {
            return session.getMetadata().getCustomMetadata();
        } catch (OrtException e) {
            throw trouble(e);
        }
    }

    /** The program that wrote the file, by its own word. */
    String producer() {
        try {
            return session.getMetadata().getProducerName();
        } catch (OrtException e) {
            throw trouble(e);
        }
    }

    /** All outputs; the caller closes them. */
    OrtSession.Result run(Map<String, OnnxTensor> inputs) {
        try {
            return session.run(inputs);
        } catch (OrtException e) {
            throw trouble(e);
        }
    }

    BadInput trouble(OrtException e) {
        return trouble(file, e);
    }

    private static BadInput trouble(Path file, OrtException e) {
        return BadInput.of(file.toString(), "ONNX Runtime refuses it: " + e.getMessage())
                .causedBy(e);
    }

    /** The path of the file that it runs. */
    @Override
    public String toString() {
        return file.toString();
    }

    @Override
    public void close() {
        try (options) {
            session.close();
        } catch (OrtException e) {
            throw trouble(e);
        }
    }
}
