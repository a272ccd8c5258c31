package modelpatch.junit;

import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import modelpatch.Installation;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives test methods the {@link GuardedModel} of their class, loaded once in a run and closed when the run ends. */
public final class ModelPatchExtension implements ParameterResolver {
    /** The configuration parameter of JUnit that names the folder which paths are relative to; without it, the working directory. */
    static final String ROOT = "modelpatch.root";

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
        Path root = context.getConfigurationParameter(ROOT).map(Path::of).orElse(Path.of(""));
        SharedModel.Key key = new SharedModel.Key(
                model(root, model.model()),
                paths(root, model.patches()),
                model.base().isEmpty() ? null : model(root, model.base()),
                model.policy().isEmpty() ? null : path(root, model.policy()),
                model.threads());
        // In the root's store: JUnit closes what lies there when the whole run ends.
        SharedModel shared = context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(key, missing -> new SharedModel(key), SharedModel.class);
        return new GuardedModel(shared, paths(root, suites.value()));
    }

    /** A path, or the name of a model that comes with modelpatch. */
    private static Path model(Path root, String name) {
        Path path = path(root, name);
        Path embedded = Installation.here().model(name).toAbsolutePath();
        return !Files.exists(path) && Files.isDirectory(embedded) ? embedded : path;
    }

    private static List<Path> paths(Path root, String... files) {
        return Arrays.stream(files).map(file -> path(root, file)).toList();
    }

    private static Path path(Path root, String file) {
        return root.resolve(file).toAbsolutePath().normalize();
    }
}
