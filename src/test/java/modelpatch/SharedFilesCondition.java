package modelpatch;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;
import static org.junit.platform.commons.support.AnnotationSupport.isAnnotated;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a test whose files are absent, and says so; on a build server it fails instead, so that green never means "not run". */
final class SharedFilesCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (isAnnotated(context.getElement(), NeedsSmolLm2.class) && !SharedModel.hasSmolLm2()) {
            return absent(context, SharedModel.smolLm2());
        }
        if (isAnnotated(context.getElement(), NeedsShared.class)) {
            for (Path needed : List.of(SharedModel.gguf(), SharedModel.configCases())) {
                if (!Files.isDirectory(needed)) {
                    return absent(context, needed);
                }
            }
        }
        return enabled("the shared files are there");
    }

    private static ConditionEvaluationResult absent(ExtensionContext context, Path missing) {
        String reason = context.getDisplayName() + " needs " + missing
                + ", which is absent; set MODELPATCH_SHARED to the shared folder";
        if ("true".equalsIgnoreCase(System.getenv("CI"))) {
            throw new ExtensionConfigurationException(reason + " (CI=true: this fails instead of skipping)");
        }
        return disabled(reason);
    }
}
