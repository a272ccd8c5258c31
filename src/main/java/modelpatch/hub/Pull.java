package modelpatch.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;

/**
 * The use case of {@code patch pull}: the files of a model that a checkpoint is read from. A file comes into its place when all of it is here and
 * its digest is that of the listing; until then it is {@code NAME.part}, from whose end the next pull goes on.
 */
public final class Pull {
    private static final String WANTED = "(config|generation_config|tokenizer|tokenizer_config|special_tokens_map"
            + "|added_tokens|vocab|adapter_config)\\.json|merges\\.txt|chat_template\\.(jinja|json)|README\\.md|LICENSE.*"
            + "|[\\w.-]+\\.safetensors|[\\w.-]+\\.safetensors\\.index\\.json";
    private static final String PART = ".part";
    private static final int BUFFER = 1 << 18;

    private final Hub hub;
    private final Watcher watcher;

    /** Told how far a file has come; may end the work by throwing, what is here is kept. */
    @FunctionalInterface
    public interface Watcher {
        void at(String file, long bytes, long size);
    }

    public Pull(Hub hub, Watcher watcher) {
        this.hub = hub;
        this.watcher = watcher;
    }

    /**
     * Fetches a model.
     *
     * @param files those wanted; empty for all that a safetensors checkpoint has
     * @param folder made where it is missing
     * @throws BadInput where the hub refuses, or what it sends is not what it listed
     */
    public PullDocument run(HubName name, List<String> files, Path folder) {
        Hub.Listing listing = hub.list(name);
        List<RemoteFile> wanted = wanted(name, listing, files);
        List<PullDocument.Fetched> fetched = new ArrayList<>();
        try {
            Files.createDirectories(folder);
            for (RemoteFile file : wanted) {
                long bytes = fetch(name, listing.commit(), file, folder.resolve(file.name()));
                fetched.add(new PullDocument.Fetched(file.name(), file.size(), file.digest(), bytes));
            }
        } catch (IOException e) {
            throw BadInput.writing(folder, e);
        }
        return new PullDocument(name.toString(), listing.commit(), folder.toString(), fetched);
    }

    private static List<RemoteFile> wanted(HubName name, Hub.Listing listing, List<String> files) {
        List<String> there = listing.files().stream().map(RemoteFile::name).toList();
        for (String file : files) {
            if (!there.contains(file) || !file.matches("[\\w.-]+")) {
                throw new BadInput("no such file", name + " " + file, String.join(", ", there), "none", "check --file");
            }
        }
        List<RemoteFile> wanted = listing.files().stream()
                .filter(file -> files.isEmpty() ? file.name().matches(WANTED) : files.contains(file.name()))
                .toList();
        if (files.isEmpty() && wanted.stream().noneMatch(file -> file.name().endsWith(".safetensors"))) {
            throw new BadInput(
                    "no safetensors checkpoint",
                    name.toString(),
                    "files that end in .safetensors",
                    String.join(", ", there),
                    "name a GGUF file by --file; pickle checkpoints are not read");
        }
        return wanted;
    }

    /** @return the bytes that came over the network */
    private long fetch(HubName name, String commit, RemoteFile file, Path target) throws IOException {
        if (file.is(target)) {
            return 0;
        }
        Path part = target.resolveSibling(target.getFileName() + PART);
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock alone = lock(channel, part)) {
            if (channel.size() > file.size()) {
                channel.truncate(0);
            }
            long before = channel.size();
            hub.retried(name + " " + file.name(), () -> {
                receive(name, commit, file, channel);
                return Boolean.TRUE;
            });
            channel.force(true);
            String found = file.digestOf(part);
            if (!found.equals(file.digest())) {
                channel.truncate(0);
                throw new BadInput(
                        "the bytes that came are not those of the listing",
                        name + " " + file.name(),
                        "digest " + file.digest(),
                        found,
                        "run the same command again; this file begins anew");
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return file.size() - before;
        }
    }

    private static FileLock lock(FileChannel channel, Path part) throws IOException {
        try {
            Optional<FileLock> lock = Optional.ofNullable(channel.tryLock());
            if (lock.isPresent()) {
                return lock.get();
            }
        } catch (OverlappingFileLockException e) {
            // told below
        }
        throw new BadInput(
                "another pull is fetching it", part.toString(), "one at a time", "a lock", "wait for the other");
    }

    /** Adds to the end of what is here until the file is whole. */
    private void receive(HubName name, String commit, RemoteFile file, FileChannel channel)
            throws IOException, InterruptedException {
        long from = channel.size();
        if (from == file.size()) {
            return;
        }
        HttpResponse<InputStream> response = hub.open(name, commit, file, from);
        try (InputStream body = response.body()) {
            boolean goesOn = response.statusCode() == 206
                    && response.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + from + "-");
            if (!goesOn) {
                channel.truncate(0);
            }
            channel.position(channel.size());
            byte[] buffer = new byte[BUFFER];
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                if (channel.position() + read > file.size()) {
                    channel.truncate(0);
                    throw new BadInput(
                            "more bytes than the listing says",
                            name + " " + file.name(),
                            file.size() + " bytes",
                            "more",
                            "try another revision, or tell the hub");
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                watcher.at(file.name(), channel.position(), file.size());
            }
        }
        if (channel.size() < file.size()) {
            throw new IOException(channel.size() + " of " + file.size() + " bytes came");
        }
    }
}
