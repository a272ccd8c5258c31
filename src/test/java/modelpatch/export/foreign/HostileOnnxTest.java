package modelpatch.export.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX files of strangers: read, or refused in one message. */
class HostileOnnxTest {
    @TempDir
    Path directory;

    private Path model(String location, String length) throws IOException {
        TensorProto tensor = TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addDims(2)
                .addExternalData(entry("location", location))
                .addExternalData(entry("length", length))
                .build();
        return Files.write(
                directory.resolve("model.onnx"),
                ModelProto.newBuilder()
                        .setGraph(GraphProto.newBuilder()
                                .addInitializer(tensor)
                                .addNode(ai.onnx.proto.OnnxMl.NodeProto.newBuilder()
                                        .setOpType("MatMul")
                                        .addInput("x")
                                        .addInput("w")
                                        .addOutput("y")))
                        .build()
                        .toByteArray());
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void externalDataOutsideOfTheFolderAreRefused() throws IOException {
        Path model = model("../secret.txt", "8");

        assertThatThrownBy(() -> OnnxScan.of(model))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("outside of its folder", "../secret.txt");
    }

    @Test
    void externalDataBeyondTheirFileAreRefused() throws IOException {
        Files.write(directory.resolve("data.bin"), new byte[8]);
        assertThat(OnnxScan.of(model("data.bin", "8")).shape("w")).isPresent();

        Path longer = model("data.bin", "12");
        assertThatThrownBy(() -> OnnxScan.of(longer))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("external data of w", "data.bin has 8");
    }

    /** Seed 0; one to four bytes of each file are others. A wire type that does not fit its field was a crash. */
    @Test
    void amongAThousandDamagedFilesNoneIsMoreThanBadInput() throws IOException {
        Files.write(directory.resolve("data.bin"), new byte[8]);
        byte[] whole = Files.readAllBytes(model("data.bin", "8"));
        Random random = new Random(0);
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] damaged = whole.clone();
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(directory.resolve("damaged.onnx"), damaged);
            try {
                OnnxScan.of(file);
            } catch (BadInput expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 999);
    }
}
