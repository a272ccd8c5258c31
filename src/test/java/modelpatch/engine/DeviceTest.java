package modelpatch.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.Versions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
    private static final long GIGABYTE = 1L << 30;

    @TempDir
    Path directory;

    @Test
    void namesAreThoseThatPeopleWrite() {
        assertThat(Device.of("cpu")).isEqualTo(Device.CPU).hasToString("cpu");
        assertThat(Device.of("gpu")).isEqualTo(Device.of("gpu:0")).hasToString("gpu:0");
        assertThat(Device.of("gpu:12")).hasToString("gpu:12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GPU", "cuda", "gpu:", "gpu:-1", "gpu1", "gpu:1234", "shapes", " gpu", "cpu:0"})
    void anythingElseIsRefused(String name) {
        assertThatThrownBy(() -> Device.of(name))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("cpu, gpu or gpu:N");
    }

    @Test
    void aMachineWithoutAGpuIsToldWhatIsMissingAndHowToGetIt() {
        Gpus none = new Gpus(false, "PyTorch 2.7.1 without CUDA", List.of("NVIDIA H100"), List.of());
        assertThatThrownBy(() -> Gpus.require(Device.of("gpu:1"), none))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("--device gpu:1")
                .hasMessageContaining("PyTorch 2.7.1 without CUDA; the driver names NVIDIA H100")
                .hasMessageContaining("PYTORCH_LIBRARY_PATH to its torch/lib and PYTORCH_FLAVOR to cu128");
    }

    @Test
    void whatIsFoundNamesTheGpusAndTheirMemory() {
        Gpus two = new Gpus(
                true,
                "PyTorch 2.7.1 with CUDA",
                List.of("NVIDIA A", "NVIDIA B"),
                List.of(new Gpus.Memory(3 * GIGABYTE, 4 * GIGABYTE)));
        assertThat(two.found()).isEqualTo("PyTorch 2.7.1 with CUDA, NVIDIA A, NVIDIA B, 3072 of 4096 MB free");
    }

    @Test
    void theDriversFilesNameTheModels() throws IOException {
        for (String bus : List.of("0000:01:00.0", "0000:41:00.0")) {
            Path gpu = Files.createDirectories(directory.resolve(bus));
            Files.writeString(gpu.resolve("information"), "Model: \t\t NVIDIA " + bus + "\nIRQ:   \t\t 12\n");
        }
        assertThat(Gpus.models(directory)).containsExactly("NVIDIA 0000:01:00.0", "NVIDIA 0000:41:00.0");
        assertThat(Gpus.models(directory.resolve("none"))).isEmpty();
    }

    @Test
    void batchesGrowWithAGpusMemoryInStepsThatALittleMemoryDoesNotChange() {
        assertThat(Device.units(0)).isEqualTo(1);
        assertThat(Device.units(GIGABYTE)).isEqualTo(1);
        assertThat(Device.units(23 * GIGABYTE)).isEqualTo(16).isEqualTo(Device.units(24 * GIGABYTE + 5));
        assertThat(Device.units(79 * GIGABYTE)).isEqualTo(64).isEqualTo(Device.units(500 * GIGABYTE));
        assertThat(Device.room()).isEqualTo(1);
    }

    @Test
    void numbersAndShapesStayOnTheProcessorAndDataDoNot() {
        try (ShapesOnly device = new ShapesOnly();
                Engine.Scope scope = Engine.scope()) {
            Tensor data = Engine.floats(new float[] {1, 2, 3, 4}, 2, 2);
            // an operation that takes both, and one that takes numbers alone
            assertThat(data.times(3).reshape(4).shape()).containsExactly(4);
            assertThat(Engine.once(7).array().getDevice()).isEqualTo(ai.djl.Device.cpu());
            assertThat(Engine.number(7.5).array().getDevice()).isEqualTo(ai.djl.Device.cpu());
            assertThat(data.toFloats()).containsExactly(0, 0, 0, 0);
            assertThat(Engine.ids(new int[] {5, 6}).toLongs()).containsExactly(0, 0);
        }
    }

    /** That the tests on a device without numbers can fail: an operand on the processor beside others is an error there. */
    @Test
    void anOperandInTheWrongPlaceIsAnError() {
        try (Engine.Scope outer = Engine.scope()) {
            Tensor left = Engine.floats(new float[] {1, 2}, 2);
            try (ShapesOnly device = new ShapesOnly();
                    Engine.Scope scope = Engine.scope()) {
                Tensor elsewhere = Engine.floats(new float[] {1, 2}, 2);
                assertThatThrownBy(() -> elsewhere.plus(left)).hasMessageContaining("device");
            }
        }
    }

    @Test
    void theRecordNamesTheDeviceUnlessItIsTheProcessor() {
        String before = Versions.engine();
        try (ShapesOnly device = new ShapesOnly()) {
            assertThat(Versions.engine()).isEqualTo(before + " on shapes");
        }
        assertThat(Versions.engine()).isEqualTo(before).startsWith(Engine.version());
    }

    /** DJL's managers make arrays on a device of their own choice, which is a GPU wherever DJL sees one. */
    @Test
    void noArrayIsMadeWithoutSayingWhere() {
        noClasses()
                .should()
                .callMethodWhere(new DescribedPredicate<JavaCall<?>>("an array is made by a manager") {
                    @Override
                    public boolean test(JavaCall<?> call) {
                        return call.getTarget().getOwner().isAssignableTo(NDManager.class)
                                && List.of(
                                                "create",
                                                "zeros",
                                                "ones",
                                                "full",
                                                "arange",
                                                "eye",
                                                "linspace",
                                                "randomInteger",
                                                "randomUniform",
                                                "randomNormal",
                                                "from",
                                                "decode")
                                        .contains(call.getName());
                    }
                })
                .orShould()
                .callMethod(ai.djl.engine.Engine.class, "newBaseManager")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("modelpatch"));
    }
}
