package modelpatch.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import modelpatch.BadInput;

/**
 * The engine's operations as one TorchScript module, packed in memory from the text of {@code ops.py}. A TorchScript archive is a stored
 * zip with the module's pickle, its code and its constants (PyTorch, torch/csrc/jit/docs/serialization.md).
 */
final class TorchScript {
    private static final String SELF = "(self: __torch__.Ops";
    /** As CUDA's allocator says it. */
    private static final String OUT_OF_MEMORY = "CUDA out of memory";

    private static final String METHOD = "module_method:";

    private final PtSymbolBlock module;

    TorchScript(PtNDManager manager, String operations) {
        try {
            module = JniUtils.loadModule(manager, new ByteArrayInputStream(archive(code(operations))), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs one operation with autograd allowed (whether it records is the thread's gradient mode).
     *
     * @param inputs first an array whose only use is to carry the operation's name and the manager that will own the results
     * @throws BadInput where a GPU has no memory left
     */
    NDList run(String operation, NDList inputs) {
        inputs.head().setName(METHOD + operation);
        try {
            return IValueUtils.forward(module, inputs, true);
        } catch (EngineException e) {
            if (String.valueOf(e.getMessage()).contains(OUT_OF_MEMORY)) {
                throw new BadInput(
                        "too little memory on the device",
                        Device.current().toString(),
                        "room for the model, its runs and what is kept of them",
                        "none left in the operation " + operation,
                        "give shorter prompts or a smaller model, end what else runs there, or use --device cpu");
            }
            throw e;
        }
    }

    /** The text of {@code ops.py}. */
    static String operations() {
        try (InputStream in = TorchScript.class.getResourceAsStream("ops.py")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String code(String operations) {
        StringBuilder code = new StringBuilder("""
                class Ops(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def forward(self: __torch__.Ops, x: Tensor) -> Tensor:
                    return x
                """);
        operations
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line ->
                        code.append("  ").append(line.replace("(self", SELF)).append('\n'));
        return code.toString();
    }

    private static byte[] archive(String code) throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2}); // PROTO 2
        pickle.writeBytes("c__torch__\nOps\n".getBytes(StandardCharsets.US_ASCII)); // GLOBAL
        pickle.writeBytes(new byte[] {')', (byte) 0x81, '}'}); // EMPTY_TUPLE NEWOBJ EMPTY_DICT
        pickle.writeBytes(new byte[] {'X', 8, 0, 0, 0});
        pickle.writeBytes("training".getBytes(StandardCharsets.US_ASCII)); // BINUNICODE
        pickle.writeBytes(new byte[] {(byte) 0x89, 's', 'b', '.'}); // NEWFALSE SETITEM BUILD STOP
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "ops/data.pkl", pickle.toByteArray());
            store(zip, "ops/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            store(zip, "ops/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "ops/version", "10\n".getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
