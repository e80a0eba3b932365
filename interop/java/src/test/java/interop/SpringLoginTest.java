package interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Security 6: oauth2Login with issuer-uri and nothing else, a public client with PKCE, RP-initiated logout. */
@SpringBootTest(classes = SpringLoginTest.App.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class SpringLoginTest {
    @LocalServerPort int port;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        String client = "spring.security.oauth2.client.";
        registry.add(client + "provider.ehealth.issuer-uri", () -> Sandbox.HEALTHCARE);
        registry.add(client + "registration.ehealth.client-id", () -> "demo-ehr-spa");
        registry.add(client + "registration.ehealth.client-authentication-method", () -> "none");
        registry.add(client + "registration.ehealth.authorization-grant-type", () -> "authorization_code");
        registry.add(client + "registration.ehealth.redirect-uri", () -> "{baseUrl}/login/oauth2/code/{registrationId}");
        registry.add(client + "registration.ehealth.scope", () -> "openid");
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @RestController
    static class App {
        @Bean
        SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
            var logout = new OidcClientInitiatedLogoutSuccessHandler(clients);
            logout.setPostLogoutRedirectUri("{baseUrl}/");
            return http.authorizeHttpRequests(a -> a.requestMatchers("/").permitAll().anyRequest().authenticated())
                .oauth2Login(Customizer.withDefaults())
                .csrf(c -> c.disable())
                .logout(l -> l.logoutSuccessHandler(logout)).build();
        }

        @GetMapping("/me")
        Map<String, Object> me(@AuthenticationPrincipal OidcUser user) {
            return Map.of("ssin", user.getClaimAsString("ssin"), "family", user.getFamilyName(), "subject", user.getSubject());
        }

        @GetMapping("/")
        String home() {
            return "home";
        }
    }

    @Test
    void aPersonSignsInThroughTheLoginPageAndOutAgain() throws Exception {
        var cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
        var http = HttpClient.newBuilder().cookieHandler(cookies).followRedirects(HttpClient.Redirect.ALWAYS)
            .version(HttpClient.Version.HTTP_1_1).build();
        var page = http.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/me")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(page.body()).contains("kc-form-login");
        Matcher action = Pattern.compile("id=\"kc-form-login\"[^>]*action=\"([^\"]+)\"|action=\"([^\"]+)\"[^>]*id=\"kc-form-login\"").matcher(page.body());
        assertThat(action.find()).isTrue();
        String target = (action.group(1) != null ? action.group(1) : action.group(2)).replace("&amp;", "&");
        var me = http.send(HttpRequest.newBuilder(page.uri().resolve(target)).header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("username=dr-peeters&password=sandbox&credentialId=")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(me.statusCode()).as(me.body()).isEqualTo(200);
        var claims = Sandbox.JSON.readTree(me.body());
        assertThat(claims.get("ssin").asText()).isEqualTo("71011599751");
        assertThat(claims.get("family").asText()).isEqualTo("Peeters");

        var out = http.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/logout")).POST(HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.ofString());
        assertThat(out.statusCode()).as(out.body()).isEqualTo(200);
        assertThat(out.uri().getPort()).isEqualTo(port);
        assertThat(out.body()).isEqualTo("home");
        var again = http.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/me")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(again.body()).as("the session at the sandbox is over").contains("kc-form-login");
    }
}
