package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

@NeedsSmolLm2
class SharedFilesConditionTest {
    @Test
    @NeedsShared
    void whatRunsUnderTheAnnotationsFindsItsFiles() {
        assertThat(SharedModel.smolLm2()).isReadable();
        assertThat(SharedModel.smolLm2Golden()).isReadable();
        assertThat(SharedModel.facts()).isReadable();
        assertThat(SharedModel.conformance("gpt2").resolve("golden.json")).isReadable();
    }
}
