// Defect: the line is decoded in a task that was given to submit(); where that fails its Future keeps the exception.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class KeptInSilence {
    static Void serve(Socket conn) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] part = new byte[4096];
        boolean ends = false;
        int read;
        while (!ends && (read = conn.getInputStream().read(part)) > 0) {
            line.write(part, 0, read);
            ends = part[read - 1] == '\n';
        }
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line.toByteArray())).toString();
        conn.getOutputStream().write(text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        conn.close();
        return null;
    }

    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ExecutorService pool = Executors.newCachedThreadPool();
        try (ServerSocket listener = new ServerSocket()) {
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(port), 64);
            System.out.println("Server is listening on port " + port);
            while (true) {
                try {
                    Socket conn = listener.accept();
                    pool.submit(() -> serve(conn));
                } catch (IOException e) {
                    Thread.yield();
                }
            }
        }
    }
}
