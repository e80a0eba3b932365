package tx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.JarFile;
import org.hl7.fhir.utilities.http.ManagedWebAccess;
import org.hl7.fhir.validation.special.TxTester;
import org.junit.jupiter.api.Test;

/**
 * Runs HL7's terminology tests of mode "general" with HL7's own runner. What each case gave is in
 * ${interop.target}/results/test-results.json; TestJavaHL7TerminologySuite judges it.
 */
class SuiteTest {
  private static final String CASES = "org/hl7/fhir/testcases/tx/";

  @Test
  void theRunnerWalksTheWholeSuite() throws Exception {
    Path target = Path.of(System.getProperty("interop.target"));
    Path cases = unpack(target.resolve("cases"));
    // The runner reads the number of the release from a file that older releases lack.
    Files.writeString(cases.resolve("history.json"), "{\"versions\":[{\"version\":\"1.7.0\"}]}");
    ManagedWebAccess.setSsrfProtectionEnabled(false); // the sandbox speaks plain HTTP on loopback
    TxTester tester = new TxTester(new TxTester.InternalTxLoader(cases.toString()), System.getProperty("sandbox.url") + "/fhir", false, null, "4.0");
    Path results = target.resolve("results");
    tester.setOutput(results.toString());
    tester.execute(Set.of("general"), null);
    assertTrue(Files.exists(results.resolve("test-results.json")), "the runner wrote no results");
  }

  private static Path unpack(Path into) throws IOException {
    URL index = SuiteTest.class.getClassLoader().getResource(CASES + "test-cases.json");
    String jar = index.getPath().substring("file:".length(), index.getPath().indexOf('!'));
    try (JarFile file = new JarFile(jar)) {
      for (var e : (Iterable<java.util.jar.JarEntry>) file.stream()::iterator) {
        if (e.isDirectory() || !e.getName().startsWith(CASES)) {
          continue;
        }
        Path to = into.resolve(e.getName().substring(CASES.length())).normalize();
        Files.createDirectories(to.getParent());
        Files.copy(file.getInputStream(e), to);
      }
    }
    return into;
  }
}
