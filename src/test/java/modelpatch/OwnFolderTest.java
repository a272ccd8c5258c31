package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class OwnFolderTest {
    @TempDir
    Path shared;

    @Test
    void onlyItsUserEntersIt() throws IOException {
        Path folder = OwnFolder.below(shared, "a/b c");
        assertThat(folder).isEqualTo(shared.resolve("modelpatch-a_b_c").toAbsolutePath());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    @Test
    void theSecondTimeItIsTheSameAndNothingElseIsLeft() throws IOException {
        Path folder = OwnFolder.below(shared, "user");
        Files.writeString(folder.resolve("kept"), "");
        assertThat(OwnFolder.below(shared, "user")).isEqualTo(folder);
        assertThat(folder.resolve("kept")).exists();
        try (var files = Files.list(shared)) {
            assertThat(files).containsExactly(folder);
        }
    }

    @Test
    void oneThatOthersMayWriteToIsRefused() throws IOException {
        Path folder = Files.createDirectory(shared.resolve("modelpatch-user"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> OwnFolder.below(shared, "user"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("rwxrwxrwx");
    }

    @Test
    void aLinkIsRefused() throws IOException {
        Path elsewhere = Files.createDirectory(shared.resolve("elsewhere"));
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(shared.resolve("modelpatch-user"), elsewhere);
        assertThatThrownBy(() -> OwnFolder.below(shared, "user"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("something else");
    }
}
