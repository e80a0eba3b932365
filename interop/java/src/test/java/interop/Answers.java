package interop;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;

import ca.uhn.fhir.context.FhirContext;
import org.hl7.fhir.r4.model.Resource;

/** Collects what the FHIR services answer, each answer under its status and request. */
final class Answers {
    final Map<String, String> byRequest = new LinkedHashMap<>();

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
        byRequest.put(answer.statusCode() + " " + name, answer.body());
        return answer.body();
    }

    /** Everything each kind of caller can see of the seeded prescriptions: searches, pages, documents, tasks, directory. */
    void collectReferral() throws Exception {
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
            byRequest.put("search of patient " + ssin, page.toString());
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

    void collectTerminology() throws Exception {
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

    /** What writing answers: create, assign, start, finish, cancel, a conflict, approval and rejection of proposals. */
    void collectWriting() throws Exception {
        var parser = FhirContext.forR4Cached().newJsonParser();
        String initial = Sandbox.login("dr-peeters", "nihdi-uhmep-hcp").get("access_token").asText();
        String doctor = Sandbox.exchange(initial, "nihdi-uhmep-hcp", "nihdi-uhmep-fhir-hcp").get("access_token").asText();
        String nurse = Sandbox.exchange(Sandbox.login("nurse-claes", "nihdi-uhmep-hcp").get("access_token").asText(),
            "nihdi-uhmep-hcp", "nihdi-uhmep-fhir-hcp").get("access_token").asText();
        HapiClientTest.doctorToken = initial;
        String id = write("POST", "ServiceRequest", parser.encodeResourceToString(HapiClientTest.prescription()), doctor);
        Resource assignment = HapiClientTest.assignment(id);
        String task = write("POST", "Task", parser.encodeResourceToString(assignment), nurse);
        write("POST", "Task", parser.encodeResourceToString(assignment), nurse);
        String now = java.time.OffsetDateTime.now(java.time.ZoneOffset.UTC).truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
            .format(java.time.format.DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx"));
        for (String name : List.of("start", "end")) {
            write("PATCH", "Task/" + task, patch("add", "Task.executionPeriod", name, "valueDateTime", now), nurse);
        }
        String other = write("POST", "ServiceRequest", parser.encodeResourceToString(HapiClientTest.prescription()), doctor);
        write("PATCH", "ServiceRequest/" + other, patch("replace", "ServiceRequest.status", null, "valueCode", "revoked"), doctor);
        var proposals = Sandbox.JSON.readTree(post("/uhmep/v1/ServiceRequest/_search", "application/x-www-form-urlencoded",
            Sandbox.form(Map.of("patient", Pseudonym.of("54022899886", initial), "intent", "proposal", "status", "active")), doctor));
        String operation = "$approve";
        for (JsonNode entry : proposals.path("entry")) {
            write("POST", "ServiceRequest/" + entry.path("resource").path("id").asText() + "/" + operation, "{\"resourceType\":\"Parameters\"}", doctor);
            operation = operation.equals("$approve") ? "$reject" : "$approve";
        }
    }

    private static String patch(String type, String path, String name, String valueType, String value) {
        String named = name == null ? "" : "{\"name\":\"name\",\"valueString\":\"" + name + "\"},";
        return "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"" + type
            + "\"},{\"name\":\"path\",\"valueString\":\"" + path + "\"}," + named + "{\"name\":\"value\",\"" + valueType + "\":\"" + value + "\"}]}]}";
    }

    /** One writing call; answers the id of what came back. */
    private String write(String method, String path, String body, String token) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(Sandbox.URL + "/uhmep/v1/" + path)).header("Content-Type", "application/fhir+json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
        return Sandbox.JSON.readTree(send(method + " " + path + " #" + byRequest.size(), request, token)).path("id").asText();
    }

    /** Both steps of a radiology advice, and a question and its answer for an antimicrobial one. */
    void collectAdvice() throws Exception {
        String initial = Sandbox.login("dr-peeters", "nihdi-uhmep-hcp").get("access_token").asText();
        String token = Sandbox.exchange(initial, "nihdi-uhmep-hcp", "nihdi-uhmep-fhir-hcp").get("access_token").asText();
        get("/pss/v1/fhir/metadata", null);
        String patient = "{\"fullUrl\":\"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\",\"extension\":"
            + "[{\"url\":\"https://www.ehealth.fgov.be/standards/fhir/pss/StructureDefinition/PSSRelevantAge\",\"valueAge\":{\"value\":53,"
            + "\"system\":\"http://unitsofmeasure.org\",\"code\":\"y\"}}],\"name\":[{\"extension\":[{\"url\":"
            + "\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\",\"valueCode\":\"masked\"}]}],\"gender\":\"male\"}}";
        String symptom = "{\"fullUrl\":\"urn:uuid:" + UUID.randomUUID() + "\",\"resource\":{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\","
            + "\"code\":{\"text\":\"headache\",\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"20262006\"}]},"
            + "\"subject\":{\"reference\":\"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001\"}}}";
        String answer = advise("GetDiagnoses", patient + "," + symptom, token);
        String chosen = null;
        for (JsonNode entry : Sandbox.JSON.readTree(answer).path("entry")) {
            if (chosen == null && entry.path("resource").path("resourceType").asText().equals("Condition")) chosen = entry.toString();
        }
        if (chosen != null) advise("GetRecommendations", patient + "," + chosen, token);
        advise("GetRecommendations", patient, token);
        String infection = "{\"fullUrl\":\"urn:uuid:" + UUID.randomUUID() + "\",\"resource\":{\"resourceType\":\"Condition\",\"id\":\"c1\",\"clinicalStatus\":{\"coding\":"
            + "[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-clinical\",\"code\":\"active\"}]},\"verificationStatus\":{\"coding\":"
            + "[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-ver-status\",\"code\":\"confirmed\"}]},\"category\":[{\"coding\":"
            + "[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-category\",\"code\":\"encounter-diagnosis\"}]}],\"code\":{\"coding\":"
            + "[{\"system\":\"PSS_INDICATION\",\"code\":\"ACUTE_CYSTITIS\"}]},\"onsetDateTime\":\"2026-11-20\","
            + "\"subject\":{\"reference\":\"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001\"}}}";
        advise("GetDataToCollect", patient + "," + infection, token);
        advise("GetRecommendations", patient + "," + infection, token);
    }

    private String advise(String plan, String entries, String token) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(Sandbox.URL + "/pss/v1/fhir/PlanDefinition/" + plan + "/$apply"))
            .header("Content-Type", "application/fhir+json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" + entries + "]}"));
        return send("PSS " + plan + " #" + byRequest.size(), request, token);
    }
}
