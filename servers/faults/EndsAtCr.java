// Defect: readLine() ends a line at a CR, too: of a line that holds one, the rest is never read.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

public class EndsAtCr {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ServerSocket listener = new ServerSocket(port, 64);
        System.out.println("Server is listening on port " + port);
        while (true) {
            try {
                Socket client = listener.accept();
                try {
                    new Thread(() -> serve(client)).start();
                } catch (OutOfMemoryError error) {
                    client.close();
                }
            } catch (IOException error) {
                System.err.println(error.getMessage());
            }
        }
    }

    private static void serve(Socket client) {
        try (client) {
            BufferedReader in =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = client.getOutputStream();
            String line = in.readLine();
            if (line != null) {
                out.write((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }
}
