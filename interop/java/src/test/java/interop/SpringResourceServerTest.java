package interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Security 6: a resource server configured with issuer-uri alone. */
@SpringBootTest(classes = SpringResourceServerTest.App.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class SpringResourceServerTest {
    @LocalServerPort int port;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("spring.security.oauth2.resourceserver.jwt.issuer-uri", () -> Sandbox.HEALTHCARE);
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @RestController
    static class App {
        @Bean
        SecurityFilterChain security(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(a -> a.anyRequest().authenticated())
                .oauth2ResourceServer(o -> o.jwt(Customizer.withDefaults())).build();
        }

        @GetMapping("/subject")
        String subject(@AuthenticationPrincipal Jwt token) {
            return token.getSubject();
        }
    }

    private HttpResponse<String> get(String token) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/subject"));
        if (token != null) request.header("Authorization", "Bearer " + token);
        return Sandbox.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void initialAndExchangedTokensOpenItAndNonsenseDoesNot() throws Exception {
        String initial = Sandbox.login("dr-peeters", "nihdi-uhmep-hcp").get("access_token").asText();
        String exchanged = Sandbox.exchange(initial, "nihdi-uhmep-hcp", "nihdi-uhmep-fhir-hcp").get("access_token").asText();
        assertThat(get(initial).statusCode()).isEqualTo(200);
        assertThat(get(exchanged).body()).isEqualTo(get(initial).body());
        assertThat(get(null).statusCode()).isEqualTo(401);
        assertThat(get(initial.substring(0, initial.length() - 6) + "AAAAAA").statusCode()).isEqualTo(401);
    }
}
