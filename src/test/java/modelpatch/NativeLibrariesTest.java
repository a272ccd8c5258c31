package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which environment leads the engines to which libraries. */
class NativeLibrariesTest {
    @TempDir
    Path folder;

    @Test
    void whereNobodySaysAnythingTheEnginesUnpackTheirJarsIntoTheUsersHome() {
        assertThat(NativeLibraries.settings(folder.resolve("natives"), name -> null))
                .isEmpty();
    }

    @Test
    void aReleaseBringsThemUnpacked() throws IOException {
        Path natives = Files.createDirectories(folder.resolve("natives"));
        assertThat(NativeLibraries.settings(natives, name -> null))
                .containsEntry("ENGINE_CACHE_DIR", natives.toString())
                .containsKeys("onnxruntime.native.path", "jna.boot.library.path", "library.jline.path")
                .hasSize(4);
    }

    @Test
    void whatTheUserSaysStands() throws IOException {
        Path natives = Files.createDirectories(folder.resolve("natives"));
        Map<String, String> said =
                Map.of("ENGINE_CACHE_DIR", "/mine", "PYTORCH_LIBRARY_PATH", wheel("cu13"), "PYTORCH_FLAVOR", "cu130");
        assertThat(NativeLibraries.settings(natives, said::get))
                .doesNotContainKeys("ENGINE_CACHE_DIR", "PYTORCH_LIBRARY_PATH", "PYTORCH_FLAVOR")
                .containsKeys("onnxruntime.native.path", "jna.library.path");
    }

    @Test
    void aWheelForCudaGetsTheGlueThatThereIsAndItsRuntimeIsFound() throws IOException {
        for (String package_ : new String[] {"cuda_runtime", "cu13"}) {
            Map<String, String> said = Map.of("PYTORCH_LIBRARY_PATH", wheel(package_));
            assertThat(NativeLibraries.settings(folder.resolve("natives"), said::get))
                    .containsOnly(
                            Map.entry("PYTORCH_FLAVOR", "cu128"),
                            Map.entry(
                                    "jna.library.path",
                                    folder.resolve(package_ + "/nvidia/" + package_ + "/lib")
                                            .toString()));
        }
    }

    @Test
    void aPyTorchForTheProcessorIsTakenAsOne() throws IOException {
        Path torch = Files.createDirectories(folder.resolve("torch/lib"));
        Map<String, String> said = Map.of("PYTORCH_LIBRARY_PATH", torch.toString());
        assertThat(NativeLibraries.settings(folder.resolve("natives"), said::get))
                .containsOnly(Map.entry("PYTORCH_FLAVOR", "cpu"));
    }

    /** The folder that a user names of a wheel as pip unpacks it. */
    private String wheel(String runtime) throws IOException {
        Path torch = Files.createDirectories(folder.resolve(runtime + "/torch/lib"));
        Files.createFile(torch.resolve(System.mapLibraryName("torch_cuda")));
        Files.createDirectories(folder.resolve(runtime + "/nvidia/cublas/lib"));
        Path lib = Files.createDirectories(folder.resolve(runtime + "/nvidia/" + runtime + "/lib"));
        Files.createFile(lib.resolve("libcudart.so.13"));
        return torch.toString();
    }
}
