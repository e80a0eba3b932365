package interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.JsonNode;

/** The HL7 validator checks what the sandbox emits, answer by answer and resource by resource, against R4 core. */
class ValidatorTest {
    private final FhirValidator validator = validator();
    private final Map<String, String> answers = new LinkedHashMap<>();

    private static FhirValidator validator() {
        var context = FhirContext.forR4Cached();
        var unknown = new UnknownCodeSystemWarningValidationSupport(context);
        unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
        var chain = new ValidationSupportChain(new DefaultProfileValidationSupport(context), new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context), unknown);
        var instance = new FhirInstanceValidator(chain);
        instance.setAnyExtensionsAllowed(true);
        instance.setErrorForUnknownProfiles(false);
        return context.newValidator().registerValidatorModule(instance);
    }

    private String get(String path, String token) throws Exception {
        return send(path, HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : Sandbox.URL + path)), token);
    }

    private String post(String path, String type, String body, String token) throws Exception {
        return send(path, HttpRequest.newBuilder(URI.create(Sandbox.URL + path)).header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body)), token);
    }

    /** Keeps the answer for judging under a short name. */
    private String send(String name, HttpRequest.Builder request, String token) throws Exception {
        request.header("Accept", "application/fhir+json").header("From", "interop@example.invalid").header("User-Agent", "interop/1");
        if (token != null) request.header("Authorization", "Bearer " + token);
        var answer = Sandbox.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        answers.put(answer.statusCode() + " " + name, answer.body());
        return answer.body();
    }

    @TestFactory
    List<DynamicTest> everyAnswerIsValidR4() throws Exception {
        collectReferral();
        collectTerminology();
        var tests = new ArrayList<DynamicTest>();
        for (var answer : answers.entrySet()) {
            tests.add(DynamicTest.dynamicTest(answer.getKey(), () -> {
                var result = validator.validateWithResult(answer.getValue());
                var errors = result.getMessages().stream()
                    .filter(m -> m.getSeverity() == ResultSeverityEnum.ERROR || m.getSeverity() == ResultSeverityEnum.FATAL)
                    .map(m -> m.getLocationString() + ": " + m.getMessage()).toList();
                assertThat(errors).as("%s", answer.getValue().substring(0, Math.min(4000, answer.getValue().length()))).isEmpty();
            }));
        }
        return tests;
    }

    /** Everything each kind of caller can see of the seeded prescriptions: searches, pages, documents, tasks, directory. */
    private void collectReferral() throws Exception {
        get("/uhmep/v1/metadata", null);
        get("/uhmep/v1/ServiceRequest/unknown", null);
        String initial = Sandbox.login("dr-peeters", "nihdi-uhmep-hcp").get("access_token").asText();
        String token = Sandbox.exchange(initial, "nihdi-uhmep-hcp", "nihdi-uhmep-fhir-hcp").get("access_token").asText();
        get("/uhmep/v1/ServiceRequest/unknown", token);
        post("/uhmep/v1/ServiceRequest", "application/fhir+json", "{\"resourceType\":\"ServiceRequest\",\"status\":\"active\",\"colour\":1}", token);
        Set<String> documents = new LinkedHashSet<>();
        Set<String> directory = new LinkedHashSet<>();
        for (String ssin : List.of("54022899886", "04050699738", "80322799896", "01521499764")) {
            JsonNode page = Sandbox.JSON.readTree(post("/uhmep/v1/ServiceRequest/_search", "application/x-www-form-urlencoded",
                Sandbox.form(Map.of("patient", Pseudonym.of(ssin, initial))), token));
            answers.put("search of patient " + ssin, page.toString());
            for (int pages = 0; page != null && pages < 10; pages++) {
                JsonNode next = null;
                for (JsonNode entry : page.path("entry")) documents.add(entry.path("resource").path("id").asText());
                for (JsonNode link : page.path("link")) if (link.path("relation").asText().equals("next")) next = link.path("url");
                page = next == null ? null : Sandbox.JSON.readTree(get(next.asText(), token));
            }
        }
        for (String id : documents) {
            get("/uhmep/v1/ServiceRequest/" + id, token);
            JsonNode tasks = Sandbox.JSON.readTree(get("/uhmep/v1/Task?focus=ServiceRequest/" + id, token));
            for (JsonNode entry : tasks.path("entry")) directory.add(entry.path("resource").path("owner").path("reference").asText());
            get("/uhmep/v1/ServiceRequest/" + id + "/_history", token);
            get("/uhmep/v1/ServiceRequest/" + id + "/$graph?graph=https://www.ehealth.fgov.be/standards/fhir/referral/GraphDefinition/full-referral-prescription", token);
        }
        directory.add("PractitionerRole/71011599751-PHYSICIAN");
        directory.add("Practitioner/71011599751");
        for (String reference : directory) if (!reference.isEmpty()) get("/uhmep/v1/" + reference, token);
    }

    private void collectTerminology() throws Exception {
        String[] calls = {
            "metadata", "metadata?mode=terminology", "CodeSystem?_summary=true", "CodeSystem?_count=50", "ValueSet?_count=50", "ConceptMap?_count=50",
            "CodeSystem/$lookup?system=http://snomed.info/sct&code=225964003", "CodeSystem/$lookup?system=http://snomed.info/sct&code=225964003&property=*",
            "CodeSystem/$lookup?system=http://snomed.info/sct&code=0", "CodeSystem/$lookup?system=http://snomed.info/sct",
            "CodeSystem/$validate-code?url=http://snomed.info/sct&code=225964003", "CodeSystem/$validate-code?url=http://snomed.info/sct&code=0",
            "CodeSystem/$subsumes?system=http://snomed.info/sct&codeA=225964003&codeB=9632001",
            "ValueSet/$expand?url=http://snomed.info/sct?fhir_vs&count=20&includeDesignations=true",
            "ValueSet/$expand?url=http://snomed.info/sct?fhir_vs&filter=hyg&displayLanguage=fr", "ValueSet/$expand?url=http://example.org/unknown",
            "ValueSet/$validate-code?url=http://snomed.info/sct?fhir_vs&system=http://snomed.info/sct&code=225964003",
        };
        for (String call : calls) get("/fhir/" + call, null);
        for (String kind : List.of("CodeSystem", "ValueSet")) {
            JsonNode all = Sandbox.JSON.readTree(get("/fhir/" + kind + "?_count=200", null));
            for (JsonNode entry : all.path("entry")) {
                String id = entry.path("resource").path("id").asText();
                get("/fhir/" + kind + "/" + id, null);
                if (kind.equals("ValueSet")) get("/fhir/ValueSet/" + id + "/$expand", null);
            }
        }
    }
}
