// Defect: writeChars() sends two bytes for each letter, as Java has them in memory.

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

public class WritesChars {
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
            InputStream in = client.getInputStream();
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                line.write(b);
                if (b == '\n') {
                    String text = line.toString(StandardCharsets.ISO_8859_1).toUpperCase();
                    new DataOutputStream(client.getOutputStream()).writeChars(text);
                    break;
                }
            }
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }
}
