package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

@NeedsSmolLm2
@NeedsShared
class SharedFilesConditionTest {
    @Test
    void whatRunsUnderTheAnnotationFindsItsFiles() {
        assertThat(SharedModel.smolLm2()).isReadable();
        assertThat(SharedModel.smolLm2Golden()).isReadable();
        assertThat(SharedModel.gguf()).isNotEmptyDirectory();
        assertThat(SharedModel.configCases()).isNotEmptyDirectory();
    }
}
