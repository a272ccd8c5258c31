package modelpatch.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file names files of its own folder and of none else. */
class NamedFileTest {
    private static final Path FILE = Path.of("some/models/model.onnx");

    @Test
    void aNameBesideOrBelowIsTaken() {
        assertThat(NamedFile.beside(FILE, "model.onnx.data")).isEqualTo(Path.of("some/models/model.onnx.data"));
        assertThat(NamedFile.beside(FILE, "parts/one.bin")).isEqualTo(Path.of("some/models/parts/one.bin"));
        assertThat(NamedFile.beside(FILE, "..data")).isEqualTo(Path.of("some/models/..data"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../secret/key.txt", "/etc/passwd", "parts/../../key", "..", ".", "", "a\u0000b"})
    void aNameThatLeadsElsewhereIsRefused(String name) {
        assertThatThrownBy(() -> NamedFile.beside(FILE, name))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("outside of its folder");
    }
}
