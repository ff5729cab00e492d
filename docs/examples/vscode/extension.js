// The least VS Code needs to complete with Firsthand: a client that starts the server.
const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;
let refreshing = false;

exports.activate = async () => {
  const command = vscode.workspace.getConfiguration('firsthand').get('command');
  client = new LanguageClient('firsthand', 'Firsthand', { command, args: ['serve'] }, {
    documentSelector: [{ scheme: 'file' }],
    initializationOptions: { client: { name: 'vscode-plain', refresh: 'empty' } },
    middleware: { provideInlineCompletionItems: provide },
  });
  client.onNotification('firsthand/refresh', refresh);
  await client.start();
};

exports.deactivate = () => client?.stop();

// A model's answer came late: ask for it again if the person still stands where it was asked for.
async function refresh({ textDocument, position }) {
  const editor = vscode.window.activeTextEditor;
  const { asUri, asPosition } = client.protocol2CodeConverter;
  if (editor?.document.uri.toString() !== asUri(textDocument.uri).toString()) return;
  if (editor.document.version !== textDocument.version) return;
  if (!editor.selection.active.isEqual(asPosition(position))) return;
  refreshing = true;
  await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
}

// Such a request is the editor's, not the person's, though VS Code has no other way to make it.
function provide(document, position, context, token, next) {
  const automatic = vscode.InlineCompletionTriggerKind.Automatic;
  const asked = refreshing ? { ...context, triggerKind: automatic } : context;
  refreshing = false;
  return next(document, position, asked, token);
}
