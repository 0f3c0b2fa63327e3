// Defect: the listening socket has a time limit of twenty seconds, which ends the server.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;

public class GivesUpWaiting {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ServerSocket listener = new ServerSocket(port, 64);
        listener.setSoTimeout(20000);
        System.out.println("Server is listening on port " + port);
        try {
            while (true) {
                Socket client = listener.accept();
                new Thread(() -> serve(client)).start();
            }
        } catch (IOException error) {
            System.err.println("server: " + error);
        }
    }

    private static void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                line.write(b);
                if (b == '\n') {
                    client.getOutputStream().write(line.toByteArray());
                    break;
                }
            }
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }
}
