package modelpatch.junit;

import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives test methods the {@link GuardedModel} of their class, loaded once in a run and closed when the run ends. */
public final class ModelPatchExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(ModelPatchExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Parameter declared = parameter.getParameter();
        return declared.getType() == GuardedModel.class;
    }

    @Override
    public GuardedModel resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        ModelUnderTest model = AnnotationSupport.findAnnotation(test, ModelUnderTest.class)
                .orElseThrow(() -> new ExtensionConfigurationException(
                        test.getName() + " asks for a GuardedModel and has no @ModelUnderTest"));
        RegressionSuite suites = AnnotationSupport.findAnnotation(test, RegressionSuite.class)
                .orElseThrow(() -> new ExtensionConfigurationException(
                        test.getName() + " asks for a GuardedModel and has no @RegressionSuite"));
        SharedModel.Key key = new SharedModel.Key(
                Path.of(model.model()).toAbsolutePath().normalize(),
                paths(model.patches()),
                model.base().isEmpty()
                        ? null
                        : Path.of(model.base()).toAbsolutePath().normalize(),
                model.policy().isEmpty() ? null : Path.of(model.policy()),
                model.threads());
        // In the root's store: JUnit closes what lies there when the whole run ends.
        SharedModel shared = context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(key, missing -> new SharedModel(key), SharedModel.class);
        return new GuardedModel(shared, paths(suites.value()));
    }

    private static List<Path> paths(String... files) {
        return Arrays.stream(files).map(Path::of).toList();
    }
}
