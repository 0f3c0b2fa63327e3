// Defect: the line that names the port is printed before each accept(), and so once for each client.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;

public class PrintsInLoop extends Thread {
    private final ServerSocket listener;

    private PrintsInLoop(int port) throws IOException {
        listener = new ServerSocket(port, 64);
    }

    @Override
    public void run() {
        while (true) {
            System.out.println("Waiting for a client on port " + listener.getLocalPort());
            Socket client = null;
            try {
                client = listener.accept();
                Socket mine = client;
                new Thread(() -> serve(mine)).start();
            } catch (IOException | OutOfMemoryError error) {
                closeQuietly(client);
                rest();
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
                    break;
                }
            }
            client.getOutputStream().write(line.toByteArray());
            in.skipNBytes(in.available());
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }

    private static void closeQuietly(Socket client) {
        try {
            if (client != null) {
                client.close();
            }
        } catch (IOException ignored) {
            System.err.println(ignored.getMessage());
        }
    }

    private static void rest() {
        try {
            Thread.sleep(100); // accept() would fail again at once
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws IOException {
        new PrintsInLoop(args.length > 0 ? Integer.parseInt(args[0]) : 54321).start();
    }
}
