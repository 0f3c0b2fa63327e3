// Defect: where the pool has no room, execute() throws, and nobody catches that: it ends the thread that accepts.

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

public class ErrorEndsAcceptor {
    static void serve(Socket conn) {
        try (conn; InputStream in = conn.getInputStream(); OutputStream out = conn.getOutputStream()) {
            byte[] buf = new byte[4096];
            for (int rx, end = -1; end < 0 && (rx = in.read(buf)) > 0; ) {
                for (int i = 0; i < rx && end < 0; i++) {
                    if (buf[i] >= 'a' && buf[i] <= 'z') buf[i] -= 32;
                    if (buf[i] == '\n') end = i;
                }
                out.write(buf, 0, end < 0 ? rx : end + 1);
            }
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }

    static void rest() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException ignored) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ServerSocket listener = new ServerSocket(port, 64);
        System.out.println("Server is listening on port " + port);
        var pool = new ThreadPoolExecutor(34, 34, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(4));
        pool.prestartAllCoreThreads();
        while (true) {
            Socket conn;
            try {
                conn = listener.accept();
            } catch (IOException error) {
                rest();
                continue;
            }
            pool.execute(() -> serve(conn));
        }
    }
}
